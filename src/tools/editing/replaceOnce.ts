import { distance } from "fastest-levenshtein";

/** The changed content with the line of the change (from 1), or a refusal. */
export type EditResult =
  | { kind: "edited"; content: string; line: number }
  /** `excerpt`: lines of the file that help the model to correct its edit. */
  | { kind: "refused"; reason: string; excerpt?: string };

/**
 * Replaces a text that must occur exactly once. Line ends become those of the file. A refusal says what to do: it names
 * the lines of the occurrences, or shows the lines most similar to the search text.
 */
export function replaceOnce(content: string, search: string, replacement: string): EditResult {
  const [wanted, next] = [withLineEnds(search, content), withLineEnds(replacement, content)];
  if (wanted === "") return { kind: "refused", reason: "the text to replace is empty" };
  if (wanted === next) return { kind: "refused", reason: "the replacement is the same text" };
  const places: number[] = [];
  for (let at = content.indexOf(wanted); at >= 0; at = content.indexOf(wanted, at + 1)) places.push(at);
  const [first] = places;
  if (first === undefined) return notThere(content, wanted);
  if (places.length > 1) {
    const lines = places.slice(0, 10).map((at) => lineAt(content, at));
    return {
      kind: "refused",
      reason: `the text is there ${places.length} times (lines ${lines.join(", ")}): give more of its surroundings`,
    };
  }
  const changed = content.slice(0, first) + next + content.slice(first + wanted.length);
  return { kind: "edited", content: changed, line: lineAt(content, first) };
}

/** Models write \n, whatever line ends the file has. */
function withLineEnds(text: string, like: string): string {
  return like.includes("\r\n") ? text.replace(/\r?\n/g, "\r\n") : text;
}

function lineAt(content: string, at: number): number {
  return content.slice(0, at).split("\n").length;
}

const CONTEXT = 2;
const MAX_LINE = 300;

/** Refuses, and shows the lines of the file most similar to the first line of the search text. */
function notThere(content: string, search: string): EditResult {
  const reason = "the text is not in the file";
  const wanted = (search.split("\n").find((line) => line.trim() !== "") ?? "").trim().slice(0, MAX_LINE);
  if (wanted === "") return { kind: "refused", reason: `${reason}: it is only white space` };
  const lines = content.split("\n");
  let best = { line: -1, distance: Number.POSITIVE_INFINITY };
  for (const [i, line] of lines.entries()) {
    const text = line.trim().slice(0, MAX_LINE);
    if (text === "") continue;
    const d = text === wanted ? 0 : distance(text, wanted);
    if (d < best.distance) best = { line: i, distance: d };
  }
  if (best.line < 0) return { kind: "refused", reason: `${reason}: the file is empty` };
  const from = Math.max(0, best.line - CONTEXT);
  return {
    kind: "refused",
    reason: `${reason}; nearest is line ${best.line + 1}: copy the text exactly, with its indentation`,
    excerpt: numberLines(lines.slice(from, best.line + CONTEXT + 1), from + 1),
  };
}

/** Lines with their numbers, in the format that every tool uses. Each line is cut to 1000 characters. */
export function numberLines(lines: readonly string[], first: number): string {
  return lines.map((line, i) => `${String(first + i).padStart(5)}| ${line.slice(0, 1000)}`).join("\n");
}
