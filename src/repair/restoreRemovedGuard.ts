import { distance } from "fastest-levenshtein";
import type { Candidate, Place } from "./candidate.ts";

/** Reverts the commit that wrote the crashing line. The diff contains the previous text of that line. */
export interface LineBefore {
  /** Unified diff from the current text to the text before the commit. */
  reverse: string;
  /** Commit id, for people. */
  commit: string;
  /** Subject line of the commit. */
  subject: string;
}

/** A block with more lines is other code, not the same line without a guard. */
const MAX_LINES = 6;
/** The previous code did not crash here, so it scores as high as a form that neighbouring code uses. */
const SCORE = 91;
/** Guard syntax of all languages that can be repaired. */
const GUARD =
  /\?\.|&&|\|\||\?\?|[=!]==? ?(?:null|undefined)|typeof |Array\.isArray|if \(!|\bis (?:not )?None\b|\.get\(|\bif\b.+\belse\b|\b(?:and|or|not)\b|Map\.get|is_nil/g;

/**
 * A candidate that restores the crashing line from before a commit removed a guard from it; null if the commit removed
 * none.
 */
export function lineBefore(former: LineBefore, place: Place, text: string): Candidate | null {
  const line = text.split("\n")[place.line - 1] ?? "";
  const block = blocksOf(former.reverse, place.file).find((one) => one.now.includes(line));
  if (block === undefined || block.now.length > MAX_LINES || block.before.length > MAX_LINES) return null;
  const now = block.now.join("\n");
  const before = block.before.join("\n");
  if (guardsIn(before) <= guardsIn(now) || !alike(now, before)) return null;
  const start = startOf(text, now, place.line, block.now.indexOf(line));
  if (start === null) return null;
  return {
    template: "formerLine",
    edits: [{ path: place.file, start, end: start + now.length, text: before }],
    explanation: `the guard that ${former.commit.slice(0, 12)} (${former.subject.slice(0, 100)}) took out of line ${place.line} is put back`,
    score: SCORE,
    hides: false,
    effect: "as before",
    place,
  };
}

interface Block {
  /** Lines after the commit, as they are now. */
  now: string[];
  /** Lines before the commit. */
  before: string[];
}

/**
 * Blocks of consecutive changed lines of a file in a reverse diff. Blocks that only add or only remove are left out.
 */
function blocksOf(reverse: string, file: string): Block[] {
  const part = reverse.split(/^diff --git /m).find((one) => one.includes(`\n--- a/${file}\n`)) ?? "";
  const blocks: Block[] = [];
  let open: Block | null = null;
  for (const line of part.slice(Math.max(0, part.search(/^@@/m))).split("\n")) {
    if (!/^[+-]/.test(line)) {
      open = null;
      continue;
    }
    if (open === null) {
      open = { now: [], before: [] };
      blocks.push(open);
    }
    (line.startsWith("-") ? open.now : open.before).push(line.slice(1));
  }
  return blocks.filter((block) => block.now.length > 0 && block.before.length > 0);
}

function guardsIn(text: string): number {
  return text.match(GUARD)?.length ?? 0;
}

/** Whether the two texts differ by at most 60 % of the longer one, measured as edit distance. */
function alike(a: string, b: string): boolean {
  return distance(a.trim(), b.trim()) <= Math.max(a.trim().length, b.trim().length) * 0.6;
}

/** Offset of the block in the text, if its crashing line is at `line`; null if the text there differs. */
function startOf(text: string, block: string, line: number, offset: number): number | null {
  const first = line - 1 - offset;
  const start = text.split("\n").slice(0, first).join("\n").length + (first > 0 ? 1 : 0);
  return text.slice(start, start + block.length) === block ? start : null;
}
