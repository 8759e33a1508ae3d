import { SourceMap } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";
import { z } from "zod";

/** Lines of one file, from 1. seen: lines that V8 or the source map reports. covered: lines that ran. */
export interface LineCoverage {
  seen: Set<number>;
  covered: Set<number>;
}

/** The part of Node's NODE_V8_COVERAGE files that is read. */
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

/** The longest mapped script that is read, in characters. */
const MAX_SCRIPT = 2_000_000;

/**
 * The lines that ran, for the files in `paths` (absolute path, as the process saw it, to source text). `files` are the
 * texts of V8 coverage files. A compiled script counts through its source map. A file that is missing in the result was
 * not measured: it was not loaded, or a loader changed it in a way that V8 cannot see through.
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
  // The outermost range spans the whole script. If its length differs from the file's, the offsets belong to other
  // text.
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

/** An array with 1 for each character that ran. Inner ranges follow outer ranges and override them. */
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
