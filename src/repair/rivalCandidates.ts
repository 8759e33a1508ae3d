import type { Candidate } from "./candidate.ts";

/** Two candidates whose scores are further apart than this are no match: the better form is the one that authors write. */
const RIVAL_GAP = 10;
/** From this score on, code that stands there already decided for the candidate (a check, a name, a sibling), not only its form. */
const DECIDED_SCORE = 90;
/** Where the reproduction prints nothing that could be compared, the effects count, and only of candidates this near. */
const SILENT_GAP = 6;
/** How many rivals are looked at: each costs a run of the reproduction. */
const MAX_RIVALS = 4;

/**
 * Candidates that say something else than the one that held, and are nearly as likely. When one of them holds as well,
 * nothing tells which of the two is meant. Empty when existing code decided for the winner.
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

/** Whether two candidates that both hold were seen to behave differently: what the reproduction printed, or where it prints nothing, what they say they do. */
export function seenToDiffer(
  winner: Pick<Candidate, "score">,
  rival: Pick<Candidate, "score">,
  outputs: { winner: string | undefined; rival: string | undefined },
): boolean {
  const [ours, theirs] = [plain(outputs.winner), plain(outputs.rival)];
  if (ours !== "" || theirs !== "") return ours !== theirs;
  return winner.score - rival.score <= SILENT_GAP;
}

/** Without what changes from run to run: durations, dates, addresses. */
function plain(output: string | undefined): string {
  return (output ?? "")
    .replace(/\d{4}-\d\d-\d\d[T ][\d:.]+Z?/g, "")
    .replace(/\d+(?:\.\d+)?\s?(?:ms|µs|s)\b/g, "")
    .replace(/0x[0-9a-f]+/gi, "")
    .trim();
}
