import { z } from "zod";

/** A source map that is kept: of which built file of which release. */
export const SourceMapEntry = z.object({
  project: z.string().min(1).max(128),
  release: z.string().min(1).max(256),
  /** The built file, as a path inside of what was uploaded: `assets/index-4f1c.js`. */
  file: z.string().min(1).max(512),
  /** Of the map's text. */
  digest: z.string(),
  bytes: z.number().int().nonnegative(),
  /** What bundlers write into both file and map; null: they did not. */
  debugId: z.string().nullable(),
  /** Milliseconds since the epoch. */
  uploadedAt: z.number(),
  /** Why it is of no use; null: nothing is known against it. */
  fault: z.string().nullable(),
});
export type SourceMapEntry = z.infer<typeof SourceMapEntry>;

/** The maps of a release, summed up. */
export const SourceMapRelease = z.object({
  project: z.string(),
  release: z.string(),
  files: z.number(),
  bytes: z.number(),
  /** How many of them are of no use. */
  faulty: z.number(),
  uploadedAt: z.number(),
});
export type SourceMapRelease = z.infer<typeof SourceMapRelease>;

/** The uploaded source maps. */
export interface SourceMapStore {
  /** Durable when it resolves. An earlier one of the same project, release and file is replaced. */
  put(entry: Omit<SourceMapEntry, "digest" | "bytes" | "fault">, text: string): Promise<SourceMapEntry>;
  ofRelease(project: string, release: string): Promise<readonly SourceMapEntry[]>;
  byDebugId(project: string, debugId: string): Promise<SourceMapEntry | null>;
  /** The map's text; null when it is gone. */
  read(digest: string): Promise<string | null>;
  /** Notes on every entry of that text why it is of no use. */
  noteFault(digest: string, fault: string): Promise<void>;
  /** Newest first. */
  releases(): Promise<SourceMapRelease[]>;
  /** How many files' maps that were. */
  remove(project: string, release: string): Promise<number>;
}

/** Hex digits in the form of a UUID, lower case; null for what is no debug id. */
export function debugIdOf(given: unknown): string | null {
  const id = typeof given === "string" ? given.trim().toLowerCase() : "";
  return /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id) ? id : null;
}
