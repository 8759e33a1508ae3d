import { z } from "zod";

/** A stored source map of one built file of one release. */
export const SourceMapEntry = z.object({
  project: z.string().min(1).max(128),
  release: z.string().min(1).max(256),
  /** The built file's path inside the uploaded folder: `assets/index-4f1c.js`. */
  file: z.string().min(1).max(512),
  /** Digest of the map's text. */
  digest: z.string(),
  bytes: z.number().int().nonnegative(),
  /** The debug id that a bundler wrote into both the file and the map; null: there is none. */
  debugId: z.string().nullable(),
  /** Milliseconds since the epoch. */
  uploadedAt: z.number(),
  /** Why the map cannot be used; null: no fault is known. */
  fault: z.string().nullable(),
});
export type SourceMapEntry = z.infer<typeof SourceMapEntry>;

/** Summary of the maps of a release. */
export const SourceMapRelease = z.object({
  project: z.string(),
  release: z.string(),
  files: z.number(),
  bytes: z.number(),
  /** Number of maps that cannot be used. */
  faulty: z.number(),
  uploadedAt: z.number(),
});
export type SourceMapRelease = z.infer<typeof SourceMapRelease>;

/** Store of the uploaded source maps. */
export interface SourceMapStore {
  /** Durable when it resolves. Replaces an earlier map of the same project, release and file. */
  put(entry: Omit<SourceMapEntry, "digest" | "bytes" | "fault">, text: string): Promise<SourceMapEntry>;
  ofRelease(project: string, release: string): Promise<readonly SourceMapEntry[]>;
  byDebugId(project: string, debugId: string): Promise<SourceMapEntry | null>;
  /** The map's text; null when it was deleted. */
  read(digest: string): Promise<string | null>;
  /** Records why the map cannot be used, on every entry with that text. */
  noteFault(digest: string, fault: string): Promise<void>;
  /** Newest first. */
  releases(): Promise<SourceMapRelease[]>;
  /** Removes the maps of a release. Returns the number of files whose maps were removed. */
  remove(project: string, release: string): Promise<number>;
}

/** A debug id in canonical form (a UUID, lower case); null for anything else. */
export function debugIdOf(given: unknown): string | null {
  const id = typeof given === "string" ? given.trim().toLowerCase() : "";
  return /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id) ? id : null;
}
