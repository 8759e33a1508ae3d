import { type FileChange, readDiff } from "./unifiedDiff.ts";

/** Braces and blank lines come back in every other patch and say nothing. */
const MEANS_SOMETHING = /[\p{L}\p{N}_$]{2}/u;

/**
 * Whether `diff` takes back what an earlier fix did: it restores at least half of the lines that the fix removed, or, where
 * the fix only added lines, removes at least half of those. Two agents that mend each other's mends would go on for ever;
 * a person breaks the loop. A diff that cannot be read undoes nothing: other rules turn it down.
 */
export function undoesEarlierFix(diff: string, earlier: readonly string[]): boolean {
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
  // A line that the fix only moved was neither.
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
