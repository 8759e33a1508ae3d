import { distance } from "fastest-levenshtein";

export type EditResult = { kind: "edited"; content: string; line: number } | { kind: "refused"; reason: string };

/**
 * Replaces a piece of text that must be there exactly once. Refusals say what to do about it: the lines of each occurrence,
 * or the lines of the file that come nearest to what was looked for.
 */
export function replaceOnce(content: string, search: string, replacement: string): EditResult {
  if (search === "") return { kind: "refused", reason: "the text to replace is empty" };
  if (search === replacement) return { kind: "refused", reason: "the replacement is the same text" };
  const places: number[] = [];
  for (let at = content.indexOf(search); at >= 0; at = content.indexOf(search, at + 1)) places.push(at);
  const [first] = places;
  if (first === undefined)
    return { kind: "refused", reason: `the text is not in the file. ${nearest(content, search)}` };
  if (places.length > 1) {
    const lines = places.slice(0, 10).map((at) => lineAt(content, at));
    return {
      kind: "refused",
      reason: `the text is there ${places.length} times (lines ${lines.join(", ")}): give more of its surroundings`,
    };
  }
  const changed = content.slice(0, first) + replacement + content.slice(first + search.length);
  return { kind: "edited", content: changed, line: lineAt(content, first) };
}

function lineAt(content: string, at: number): number {
  return content.slice(0, at).split("\n").length;
}

const CONTEXT = 2;
const MAX_LINE = 300;

/** The lines nearest to the first line of what was looked for, as they are in the file. */
function nearest(content: string, search: string): string {
  const wanted = (search.split("\n").find((line) => line.trim() !== "") ?? "").trim().slice(0, MAX_LINE);
  if (wanted === "") return "It is only white space.";
  const lines = content.split("\n");
  let best = { line: -1, distance: Number.POSITIVE_INFINITY };
  for (const [i, line] of lines.entries()) {
    const text = line.trim().slice(0, MAX_LINE);
    if (text === "") continue;
    const d = text === wanted ? 0 : distance(text, wanted);
    if (d < best.distance) best = { line: i, distance: d };
  }
  if (best.line < 0) return "The file is empty.";
  const from = Math.max(0, best.line - CONTEXT);
  const shown = numberLines(lines.slice(from, best.line + CONTEXT + 1), from + 1);
  return `Nearest is line ${best.line + 1}; copy the text exactly, with its indentation:\n${shown}`;
}

/** Lines with their numbers, as every tool shows them. */
export function numberLines(lines: readonly string[], first: number): string {
  return lines.map((line, i) => `${String(first + i).padStart(5)}| ${line.slice(0, 1000)}`).join("\n");
}
