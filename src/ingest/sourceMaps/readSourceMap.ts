import { decodedMappings, FlattenMap, type TraceMap } from "@jridgewell/trace-mapping";
import { z } from "zod";
import { messageOf } from "../../domain/errors.ts";

/** Limits of what is decoded. A map of 30 million empty lines is 30 MB of text, and gigabytes when decoded. */
const MAX_LINES = 500_000;
const MAX_SEGMENTS = 2_000_000;
const MAX_SOURCES = 50_000;
const MAX_SECTIONS = 1000;
const MAX_SOURCE_LINES = 10_000_000;

const Sources = z.array(z.string().max(4096).nullable()).max(MAX_SOURCES);

const Flat = z.object({
  version: z.literal(3, "only version 3 is known"),
  sources: Sources,
  sourcesContent: z.array(z.string().nullable()).max(MAX_SOURCES).nullish(),
  sourceRoot: z.string().max(4096).nullish(),
  names: z.array(z.string()).default([]),
  mappings: z.string(),
});

/** A map of sections at offsets. A section with sections of its own, or with a `url` to fetch, is not read. */
const Sectioned = z.object({
  version: z.literal(3, "only version 3 is known"),
  sections: z
    .array(
      z.object({
        offset: z.object({ line: z.number().int().min(0).max(MAX_LINES), column: z.number().int().min(0) }),
        map: Flat,
      }),
    )
    .max(MAX_SECTIONS),
});

/** A decoded source map, or why the text is not usable as one. */
export type ReadMap = { kind: "map"; map: TraceMap } | { kind: "broken"; reason: string };

/**
 * Reads and decodes a source map within limits: memory and time grow only with the length of the text. Nothing is
 * fetched. Never throws.
 */
export function readSourceMap(text: string): ReadMap {
  try {
    // Some servers prepend this line, so that a map cannot run as a script.
    const json: unknown = JSON.parse(text.replace(/^\)\]\}'[^\n]{0,200}\n/, ""));
    const isSectioned = typeof json === "object" && json !== null && "sections" in json;
    const parsed = (isSectioned ? Sectioned : Flat).safeParse(json);
    if (!parsed.success) return { kind: "broken", reason: `no source map: ${firstFault(parsed.error)}` };
    const { data } = parsed;
    const parts = "sections" in data ? data.sections.map(({ map }) => map.mappings) : [data.mappings];
    if (parts.some((part) => /[^A-Za-z0-9+/,;]/.test(part)))
      return { kind: "broken", reason: "its mappings are no mappings" };
    if (!isWithinBounds(parts)) return { kind: "broken", reason: "its mappings are too large" };
    const map = new FlattenMap(data as ConstructorParameters<typeof FlattenMap>[0]);
    return isSound(map) ? { kind: "map", map } : { kind: "broken", reason: "its mappings lead nowhere" };
  } catch (thrown) {
    return { kind: "broken", reason: `cannot be read: ${messageOf(thrown).slice(0, 200)}` };
  }
}

/** Why a text is not usable as a source map; null if it is. */
export function sourceMapFault(text: string): string | null {
  const read = readSourceMap(text);
  return read.kind === "broken" ? read.reason : null;
}

/** Whether all sources and names that the mappings refer to exist. */
function isSound(map: TraceMap): boolean {
  return decodedMappings(map).every((line) =>
    line.every(([column, source, at, atColumn, name]) => {
      if (column < 0) return false;
      if (source === undefined || at === undefined || atColumn === undefined) return true;
      if (source < 0 || source >= map.sources.length || at < 0 || at > MAX_SOURCE_LINES || atColumn < 0) return false;
      return name === undefined || (name >= 0 && name < map.names.length);
    }),
  );
}

function firstFault(error: z.ZodError): string {
  const [fault] = error.issues;
  return `${fault?.path.join(".") || "it"}: ${fault?.message ?? "malformed"}`.slice(0, 200);
}

function isWithinBounds(mappings: readonly string[]): boolean {
  let lines = 0;
  let segments = 0;
  for (const text of mappings) {
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code === 59) lines++;
      else if (code === 44) segments++;
    }
    lines++;
  }
  return lines <= MAX_LINES && segments + lines <= MAX_SEGMENTS + MAX_LINES;
}
