import type { Edit } from "./candidate.ts";

/**
 * Applies the edits to the text. Edits may touch. An edit that overlaps an earlier one is skipped. At the same offset,
 * list order decides.
 */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  const ordered = edits
    .map((edit, index) => ({ edit, index }))
    .sort((a, b) => a.edit.start - b.edit.start || a.index - b.index);
  let out = "";
  let at = 0;
  for (const { edit } of ordered) {
    if (edit.start < at) continue;
    out += text.slice(at, edit.start) + edit.text;
    at = edit.end;
  }
  return out + text.slice(at);
}
