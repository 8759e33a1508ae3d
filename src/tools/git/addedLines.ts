/** The lines that a diff adds, by file: line number in the new text (from 1) and the line's text. */
export type ChangedLines = Map<string, Map<number, string>>;

/** The added lines of a unified diff (`git diff` form). */
export function addedLinesOf(diff: string): ChangedLines {
  const added: ChangedLines = new Map();
  let file: Map<number, string> | null = null;
  let line = 0;
  let left = 0;
  for (const text of diff.split("\n")) {
    const hunk = /^@@ -\d+(?:,\d+)? \+(\d+)(?:,(\d+))? @@/.exec(text);
    if (hunk !== null && left <= 0) {
      line = Number(hunk[1]);
      left = Number(hunk[2] ?? 1);
    } else if (left > 0 && (text.startsWith("+") || text.startsWith(" ") || text === "")) {
      if (text.startsWith("+")) file?.set(line, text.slice(1));
      line += 1;
      left -= 1;
    } else if (left <= 0 && text.startsWith("+++ ")) {
      const path = /^\+\+\+ b\/(.+?)\t?$/.exec(text)?.[1];
      file = path === undefined ? null : new Map();
      if (path !== undefined && file !== null) added.set(path, file);
    }
  }
  return added;
}

/** Whether a line can run: it is not blank, not a comment, and more than brackets or `else`. */
export function isCode(line: string): boolean {
  const text = line.trim();
  return (
    !/^(?:\/\/|\/\*|\*|#(?!\w*\()|--|<!--)/.test(text) &&
    /[\p{L}\p{N}_$]/u.test(text) &&
    !/^(?:\}\s*)?else\s*\{?$/.test(text)
  );
}
