import { SourceMap } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";
import { z } from "zod";

/** Lines of one file: those that can run as far as was seen, and those that did. From 1. */
export interface LineCoverage {
  seen: Set<number>;
  covered: Set<number>;
}

/** What Node writes into NODE_V8_COVERAGE, as far as it is read. */
const Coverage = z.object({
  result: z.array(
    z.object({
      url: z.string(),
      functions: z.array(
        z.object({
          ranges: z.array(z.object({ startOffset: z.number().int(), endOffset: z.number().int(), count: z.number() })),
        }),
      ),
    }),
  ),
  "source-map-cache": z
    .record(z.string(), z.object({ lineLengths: z.array(z.number().int().nonnegative()), data: z.unknown() }))
    .optional(),
});
type Script = z.infer<typeof Coverage>["result"][number];
type Mapped = NonNullable<z.infer<typeof Coverage>["source-map-cache"]>[string];

/** Longest script that is looked into, in characters. */
const MAX_SCRIPT = 2_000_000;

/**
 * The lines of the files at `paths` (absolute, as the process saw them) that ran in the processes which wrote these
 * coverage files. A script that was compiled from the file counts through its source map. A file that is not in the
 * answer was not measured: it may not have been loaded, or by a loader that V8 cannot look through.
 */
export function linesRun(files: readonly string[], paths: ReadonlyMap<string, string>): Map<string, LineCoverage> {
  const found = new Map<string, LineCoverage>();
  for (const file of files) {
    const read = Coverage.safeParse(jsonOf(file));
    if (!read.success) continue;
    const maps = read.data["source-map-cache"] ?? {};
    for (const script of read.data.result) {
      const map = maps[script.url];
      const at = map === undefined ? ofPlain(script, paths) : ofMapped(script, map, paths);
      for (const [path, lines] of at) merge(found, path, lines);
    }
  }
  return found;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function ofPlain(script: Script, sources: ReadonlyMap<string, string>): [string, LineCoverage][] {
  const path = pathOf(script.url);
  const source = path === null ? undefined : sources.get(path)?.replace(/^\uFEFF/, "");
  if (path === null || source === undefined) return [];
  // The outermost range spans the script: if that is not the file, the offsets mean something else.
  if (script.functions[0]?.ranges[0]?.endOffset !== source.length) return [];
  const ran = paint(script, source.length);
  const lines: LineCoverage = { seen: new Set(), covered: new Set() };
  let offset = 0;
  for (const [i, text] of source.split("\n").entries()) {
    lines.seen.add(i + 1);
    const first = text.search(/\S/);
    if (first !== -1 && ran.subarray(offset + first, offset + text.trimEnd().length).includes(1)) {
      lines.covered.add(i + 1);
    }
    offset += text.length + 1;
  }
  return [[path, lines]];
}

function ofMapped(script: Script, { data, lineLengths }: Mapped, sources: ReadonlyMap<string, string>) {
  const found = new Map<string, LineCoverage>();
  const length = lineLengths.reduce((sum, line) => sum + line + 1, 0);
  const map = sourceMapOf(data);
  if (map === null || length > MAX_SCRIPT || !namesAny(map, script.url, sources)) return found;
  const ran = paint(script, length);
  let offset = 0;
  for (const [line, columns] of lineLengths.entries()) {
    for (let column = 0; column < columns; column += 1) {
      const entry = map.findEntry(line, column);
      if (!("originalSource" in entry)) continue;
      const path = sourcePath(entry.originalSource, script.url);
      if (path === null || !sources.has(path)) continue;
      const lines = found.get(path) ?? { seen: new Set<number>(), covered: new Set<number>() };
      found.set(path, lines);
      lines.seen.add(entry.originalLine + 1);
      if (ran[offset + column] === 1) lines.covered.add(entry.originalLine + 1);
    }
    offset += columns + 1;
  }
  return found;
}

function sourceMapOf(data: unknown): SourceMap | null {
  const shape = z.object({ sources: z.array(z.string().nullable()), mappings: z.string() }).safeParse(data);
  if (!shape.success) return null;
  try {
    return new SourceMap(data as ConstructorParameters<typeof SourceMap>[0]);
  } catch {
    return null;
  }
}

function namesAny(map: SourceMap, url: string, sources: ReadonlyMap<string, string>): boolean {
  return map.payload.sources.some((source) => sources.has(sourcePath(source, url) ?? ""));
}

function sourcePath(source: string, scriptUrl: string): string | null {
  try {
    return pathOf(new URL(source.startsWith("/") ? pathToFileURL(source).href : source, scriptUrl).href);
  } catch {
    return null;
  }
}

function pathOf(url: string): string | null {
  try {
    return url.startsWith("file://") ? fileURLToPath(url) : null;
  } catch {
    return null;
  }
}

/** 1 for each character that ran. Inner ranges stand after outer ones, and count in their place. */
function paint(script: Script, length: number): Uint8Array {
  const ran = new Uint8Array(length);
  for (const { ranges } of script.functions) {
    for (const { startOffset, endOffset, count } of ranges) ran.fill(count > 0 ? 1 : 0, startOffset, endOffset);
  }
  return ran;
}

function merge(into: Map<string, LineCoverage>, path: string, lines: LineCoverage): void {
  const known = into.get(path);
  if (known === undefined) into.set(path, lines);
  for (const line of lines.seen) known?.seen.add(line);
  for (const line of lines.covered) known?.covered.add(line);
}
