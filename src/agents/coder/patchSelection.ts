import { codeHits } from "../../policy/codeRules.ts";
import { readDiff } from "../../policy/unifiedDiff.ts";
import { seenToDiffer } from "../../repair/rivalCandidates.ts";

/** A model's patch that passed its check. */
export interface Candidate {
  diff: string;
  explanation: string;
  /** null: there is no suite, or it shows nothing. */
  suitePassed: boolean | null;
  /** The output of the reproduction; undefined if it does not show what the code returned. */
  output: string | undefined;
  /** What the repaired code returns where it crashed, as text; null: not known. */
  behaviour: string | null;
}

/** The chosen candidate, or two between which no observation decides. */
export type Choice = { kind: "one"; winner: Candidate } | { kind: "undecided"; between: [Candidate, Candidate] };

/**
 * Chooses by what was observed: a repair before a mere catch, a green suite before none, then the smaller change.
 * Undecided if two candidates are equal by observation and behave differently. `candidates` must not be empty.
 */
export function chooseCandidate(candidates: readonly [Candidate, ...Candidate[]]): Choice {
  const [winner = candidates[0], ...others] = [...candidates].sort(
    (a, b) => standing(a) - standing(b) || changedLines(a.diff) - changedLines(b.diff),
  );
  const rival = others.find((other) => standing(other) === standing(winner) && differ(winner, other));
  return rival === undefined ? { kind: "one", winner } : { kind: "undecided", between: [winner, rival] };
}

/** Rank by observation; smaller is better. */
function standing({ diff, suitePassed }: Candidate): number {
  return Number(onlyCatches(diff)) * 2 + Number(suitePassed !== true);
}

function differ(a: Candidate, b: Candidate): boolean {
  if (essence(a.diff) === essence(b.diff)) return false;
  if (a.behaviour !== null && b.behaviour !== null) return a.behaviour !== b.behaviour;
  return seenToDiffer({ score: 0 }, { score: 0 }, { winner: a.output, rival: b.output });
}

const CATCH = /\bcatch\s*[({]|\.catch\s*\(|\brescue\b|\bexcept\b.*:/;

/**
 * Whether a patch adds a catch of what is thrown: the check turns green, but the work that failed may still not be
 * done. True for an unreadable diff.
 */
export function onlyCatches(diff: string): boolean {
  const read = readDiff(diff);
  if (read.kind === "unreadable") return true;
  return read.files.some(({ added, removed }) => {
    if (codeHits(added, removed).some(({ rule }) => rule === "crashSilenced")) return true;
    const count = (lines: readonly { text: string }[]) => lines.filter(({ text }) => CATCH.test(text)).length;
    return count(added) > count(removed);
  });
}

/** How many lines a diff adds and removes. An unreadable diff counts as the largest. */
export function changedLines(diff: string): number {
  const read = readDiff(diff);
  if (read.kind === "unreadable") return Number.MAX_SAFE_INTEGER;
  return read.files.reduce((sum, { added, removed }) => sum + added.length + removed.length, 0);
}

/** What a diff adds and removes, without spaces, comments and positions. */
function essence(diff: string): string {
  const lines = diff.split("\n").filter((line) => /^(?:[+-](?!--|\+\+)|diff --git )/.test(line));
  return lines
    .map((line) => line.replace(/\s+/g, "").replace(/(?:^|[+-])\/\/.*$/, ""))
    .filter((line) => line !== "" && line !== "+" && line !== "-")
    .join("\n");
}
