import { type FileChange, readDiff } from "./unifiedDiff.ts";

/**
 * A line with at least two word characters. Braces and blank lines repeat in every other patch and carry no
 * information.
 */
const MEANS_SOMETHING = /[\p{L}\p{N}_$]{2}/u;

/**
 * Whether `diff` reverts an earlier deployed diff: it restores at least half of the lines that the earlier diff
 * removed. If the earlier diff only added lines, it removes at least half of those. Otherwise two agents could revert
 * each other's patches forever; a person breaks the loop. An unreadable diff reverts nothing: other rules refuse it.
 */
export function undoesEarlierPatch(diff: string, earlier: readonly string[]): boolean {
  const now = readDiff(diff);
  if (now.kind === "unreadable") return false;
  return earlier.some((text) => {
    const before = readDiff(text);
    if (before.kind === "unreadable") return false;
    return before.files.some((fix) => now.files.some((change) => shared(fix, change) && takesBack(change, fix)));
  });
}

function shared(a: FileChange, b: FileChange): boolean {
  return a.paths.some((path) => b.paths.includes(path));
}

function takesBack(change: FileChange, fix: FileChange): boolean {
  const removed = meant(fix.removed);
  const added = meant(fix.added);
  // A line that the earlier diff only moved was neither added nor removed.
  const gone = removed.filter((line) => !added.includes(line));
  const come = added.filter((line) => !removed.includes(line));
  if (gone.length > 0) return atLeastHalf(gone, meant(change.added));
  return come.length > 0 && atLeastHalf(come, meant(change.removed));
}

function atLeastHalf(wanted: readonly string[], there: readonly string[]): boolean {
  return wanted.filter((line) => there.includes(line)).length * 2 >= wanted.length;
}

function meant(lines: FileChange["added"]): string[] {
  return lines.map(({ text }) => text.trim()).filter((text) => MEANS_SOMETHING.test(text));
}
