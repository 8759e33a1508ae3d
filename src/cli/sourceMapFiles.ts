import { readdir, readFile, stat } from "node:fs/promises";
import { join, posix, relative, sep } from "node:path";
import { debugIdOf } from "../domain/sourceMap.ts";

/** A source map that was found for a built file. */
export interface FoundMap {
  /** The built file's path inside the folder, with forward slashes. */
  file: string;
  text: string;
  debugId: string | null;
}

/** The result of a search for source maps. */
export interface FoundMaps {
  maps: FoundMap[];
  /** Built files without a usable map, and why. */
  left: { file: string; reason: string }[];
}

const MAX_FILES = 5000;
const BUILT = /\.[cm]?js$/;

/**
 * Finds the maps in a folder of built code. A map is what a file's `sourceMappingURL` names or contains, or else
 * `<file>.map`. Fetches nothing, and reads nothing outside of the folder.
 */
export async function findSourceMaps(dir: string): Promise<FoundMaps> {
  const files = (await filesUnder(dir)).slice(0, MAX_FILES);
  const there = new Set(files);
  const found: FoundMaps = { maps: [], left: [] };
  for (const file of files.filter((path) => BUILT.test(path))) {
    const code = await readFile(join(dir, file), "utf8");
    const named = lastComment(code, "sourceMappingURL");
    const debugId = debugIdOf(lastComment(code, "debugId"));
    const result = await mapOf(dir, file, named, there);
    if (result.kind === "map")
      found.maps.push({ file, text: result.text, debugId: debugId ?? ownDebugId(result.text) });
    else if (result.kind === "none" && result.reason !== "") found.left.push({ file, reason: result.reason });
  }
  return found;
}

type MapResult = { kind: "map"; text: string } | { kind: "none"; reason: string };

async function mapOf(dir: string, file: string, named: string | null, there: ReadonlySet<string>): Promise<MapResult> {
  const inline = /^data:application\/json[^,]{0,60},(.+)$/s.exec(named ?? "");
  if (inline?.[1] !== undefined) {
    const isBase64 = (named ?? "").slice(0, 100).includes(";base64,");
    return {
      kind: "map",
      text: isBase64 ? Buffer.from(inline[1], "base64").toString("utf8") : decodeURIComponent(inline[1]),
    };
  }
  const beside = `${file}.map`;
  const path = named === null || /^[a-z][a-z0-9+.-]*:|^\//i.test(named) ? beside : inFolder(file, named);
  const map = there.has(path) ? path : there.has(beside) ? beside : null;
  if (map !== null) return { kind: "map", text: await readFile(join(dir, map), "utf8") };
  return { kind: "none", reason: named === null ? "" : `its map ${named.slice(0, 100)} is not in the folder` };
}

function inFolder(file: string, named: string): string {
  const path = (named.split(/[?#]/, 1)[0] ?? "").replaceAll("\\", "/");
  return posix.join(posix.dirname(file), path);
}

/** The value of the last `//# name=value` comment of a script; null if there is none. */
function lastComment(code: string, name: string): string | null {
  const at = Math.max(code.lastIndexOf(`//# ${name}=`), code.lastIndexOf(`//@ ${name}=`));
  return at < 0
    ? null
    : (code
        .slice(at + name.length + 5)
        .split(/[\r\n]/, 1)[0]
        ?.trim() ?? null);
}

function ownDebugId(text: string): string | null {
  const found = /"debug_?[iI]d"\s{0,3}:\s{0,3}"([0-9a-fA-F-]{36})"/.exec(text);
  return debugIdOf(found?.[1]);
}

/** Paths of all files inside the folder, with forward slashes. `node_modules` and dot folders are left out. */
async function filesUnder(dir: string): Promise<string[]> {
  if (!(await stat(dir).catch(() => null))?.isDirectory()) return [];
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(dir, join(entry.parentPath, entry.name)).split(sep).join("/"))
    .filter((path) => !/(?:^|\/)(?:node_modules|\.[^/]+)\//.test(path))
    .sort();
}
