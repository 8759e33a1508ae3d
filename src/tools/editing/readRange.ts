import { distance } from "fastest-levenshtein";
import { numberLines } from "./replaceOnce.ts";

const MAX_LINES = 400;
/** Characters of a misspelt path that are compared. */
const MAX_PATH = 200;

/**
 * Lines `from` to `to` of a file with their numbers (both inclusive, from 1), at most 400 lines. Adds a note when the
 * file has other lines.
 */
export function readRange(content: string, from = 1, to = from + MAX_LINES - 1): string {
  const lines = content.split("\n");
  if (lines.at(-1) === "") lines.pop();
  if (lines.length === 0) return "(the file is empty)";
  const first = Math.max(1, Math.min(from, lines.length));
  const last = Math.min(Math.max(to, first), first + MAX_LINES - 1, lines.length);
  const rest = last < lines.length || first > 1 ? `\n(lines ${first} to ${last} of ${lines.length})` : "";
  return numberLines(lines.slice(first - 1, last), first) + rest;
}

/** The existing paths that a misspelt path most likely means, best first. */
export function nearestPaths(path: string, files: readonly string[], count = 5): string[] {
  const name = path.split("/").at(-1) ?? path;
  return files
    .map((file) => {
      const sameName = file.split("/").at(-1) === name;
      return { file, score: distance(file, path.slice(0, MAX_PATH)) - (sameName ? 1000 : 0) };
    })
    .sort((a, b) => a.score - b.score || (a.file < b.file ? -1 : 1))
    .slice(0, count)
    .map(({ file }) => file);
}
