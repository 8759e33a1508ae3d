import { revealed } from "../../domain/plainText.ts";

/**
 * One line of a unified diff for display. Line numbers count from 1; null if the line does not exist in that version.
 */
export interface DiffLine {
  kind: "file" | "meta" | "hunk" | "add" | "remove" | "context";
  before: number | null;
  after: number | null;
  text: string;
}

/**
 * Splits a diff into lines for display. Every line of the input is in the output, with invisible characters made
 * visible, so that a person who approves has seen the whole Patch. Hunk headers give the number of lines, so a removed
 * line `-- x`, which is printed as `--- x`, is never taken for a file header.
 */
export function diffLines(diff: string): DiffLine[] {
  const lines = diff.endsWith("\n") ? diff.slice(0, -1).split("\n") : diff.split("\n");
  const place = { before: 0, after: 0, beforeLeft: 0, afterLeft: 0 };
  return lines.map((line) => {
    const text = revealed(line);
    const inHunk = place.beforeLeft > 0 || place.afterLeft > 0;
    if (!inHunk || line.startsWith("\\")) return { kind: headKind(line, place), before: null, after: null, text };
    if (line.startsWith("+")) {
      place.afterLeft -= 1;
      return { kind: "add", before: null, after: place.after++, text };
    }
    place.beforeLeft -= 1;
    if (line.startsWith("-")) return { kind: "remove", before: place.before++, after: null, text };
    place.afterLeft -= 1;
    return { kind: "context", before: place.before++, after: place.after++, text };
  });
}

interface Place {
  before: number;
  after: number;
  beforeLeft: number;
  afterLeft: number;
}

/** Classifies a line outside of a hunk. A hunk header sets the line numbers and the number of lines that follow. */
function headKind(line: string, place: Place): "file" | "meta" | "hunk" {
  if (line.startsWith("diff --git ")) return "file";
  const header = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/.exec(line);
  if (header === null) return "meta";
  place.before = Number(header[1]);
  place.beforeLeft = Number(header[2] ?? 1);
  place.after = Number(header[3]);
  place.afterLeft = Number(header[4] ?? 1);
  return "hunk";
}
