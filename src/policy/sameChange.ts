import { type FileChange, readDiff } from "./unifiedDiff.ts";

/**
 * Whether two diffs add and remove the same lines in these files. Line numbers do not count, because the base may have
 * moved in between. An unreadable diff equals no other diff.
 */
export function sameChange(one: string, other: string, files: readonly string[]): boolean {
  const [a, b] = [readDiff(one), readDiff(other)];
  if (a.kind === "unreadable" || b.kind === "unreadable") return false;
  return files.every((file) => linesOf(a.files, file) === linesOf(b.files, file));
}

function linesOf(changes: readonly FileChange[], file: string): string {
  const of = changes.filter(({ paths }) => paths.includes(file));
  return JSON.stringify(of.map(({ added, removed }) => [added.map((l) => l.text), removed.map((l) => l.text)]));
}
