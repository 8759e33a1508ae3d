import { distance } from "fastest-levenshtein";
import type { Candidate, Place } from "./candidate.ts";

/** What takes the commit back that wrote the crashing line: from it can be read what stood there before. */
export interface LineBefore {
  /** Unified diff. */
  reverse: string;
  /** The commit, for people. */
  commit: string;
  subject: string;
}

/** More lines than these are another piece of code, not the same line with a guard less. */
const MAX_LINES = 6;
/** Code that stood there and held: as sure as what the neighbours do. */
const SCORE = 91;
/** How guards are written, in all the languages that are repaired. */
const GUARD =
  /\?\.|&&|\|\||\?\?|[=!]==? ?(?:null|undefined)|typeof |Array\.isArray|if \(!|\bis (?:not )?None\b|\.get\(|\bif\b.+\belse\b|\b(?:and|or|not)\b|Map\.get|is_nil/g;

/** The crashing line as it was before a commit took a guard out of it; null where the commit did no such thing. */
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
  /** Lines as they are now. */
  now: string[];
  /** Lines as they were. */
  before: string[];
}

/** Runs of changed lines in a file of a diff that leads back. */
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

/** Whether the one is the other with a little more or less in it. */
function alike(a: string, b: string): boolean {
  return distance(a.trim(), b.trim()) <= Math.max(a.trim().length, b.trim().length) * 0.6;
}

/** Where the block stands in the text: its crashing line is at `line`. */
function startOf(text: string, block: string, line: number, offset: number): number | null {
  const first = line - 1 - offset;
  const start = text.split("\n").slice(0, first).join("\n").length + (first > 0 ? 1 : 0);
  return text.slice(start, start + block.length) === block ? start : null;
}
