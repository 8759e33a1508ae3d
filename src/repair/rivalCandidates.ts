import type { Candidate } from "./candidate.ts";

/** Candidates whose scores differ by more are not rivals: authors usually write the better-scored form. */
const RIVAL_GAP = 10;
/** From this score on, existing code (a check, a name, a sibling) decided for the candidate, not only its form. */
const DECIDED_SCORE = 90;
/**
 * Largest score gap at which effects alone make two candidates differ. Used if the reproduction prints nothing
 * comparable under either.
 */
const SILENT_GAP = 6;
/** How many rivals are tried. Each costs a run of the reproduction. */
const MAX_RIVALS = 4;

/**
 * Candidates with another effect than the winner and nearly its score. If a rival passes the reproduction too, it is
 * undecided which behaviour is meant. Empty when existing code decided for the winner.
 */
export function rivalCandidates(winner: Candidate, candidates: readonly Candidate[]): Candidate[] {
  if (winner.score >= DECIDED_SCORE) return [];
  return candidates
    .filter(
      (c) =>
        c !== winner &&
        !c.hides &&
        c.score <= winner.score &&
        c.score >= winner.score - RIVAL_GAP &&
        differs(c, winner),
    )
    .slice(0, MAX_RIVALS);
}

function differs(a: Candidate, b: Candidate): boolean {
  return a.effect !== b.effect;
}

/**
 * Whether two passing candidates behave differently. Compares what the reproduction printed under each. If it printed
 * nothing, candidates with close scores count as different, because their effects differ.
 */
export function seenToDiffer(
  winner: Pick<Candidate, "score">,
  rival: Pick<Candidate, "score">,
  outputs: { winner: string | undefined; rival: string | undefined },
): boolean {
  const [ours, theirs] = [plain(outputs.winner), plain(outputs.rival)];
  if (ours !== "" || theirs !== "") return ours !== theirs;
  return winner.score - rival.score <= SILENT_GAP;
}

/** The output without parts that change from run to run: dates, durations, addresses. */
function plain(output: string | undefined): string {
  return (output ?? "")
    .replace(/\d{4}-\d\d-\d\d[T ][\d:.]+Z?/g, "")
    .replace(/\d+(?:\.\d+)?\s?(?:ms|µs|s)\b/g, "")
    .replace(/0x[0-9a-f]+/gi, "")
    .trim();
}
