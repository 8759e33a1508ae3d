import type { Plan } from "../../domain/plan.ts";
import type { CommitInfo } from "../../domain/ports/workspace.ts";

/** Commits up to this long before the exception was first seen are fresh. Milliseconds. */
const FRESH_MS = 24 * 60 * 60 * 1000;

/** A commit that may have introduced the crash, and what is known of it. */
export interface Suspect {
  info: CommitInfo;
  /** Whether the commit wrote the crashing line as it is now. */
  wroteLine: boolean;
  /** Whether the crashed release contains the commit; null: that release is not known. */
  inCrashedRelease: boolean | null;
  /** Whether a release without the exception contains the commit; null: no such release is known. */
  inGoodRelease: boolean | null;
}

/**
 * The culprits, most suspicious first. A commit is cleared if it is newer than the exception, if the crashed release
 * does not contain it, or if a release that never showed the exception does.
 */
export function culpritsOf(suspects: readonly Suspect[], firstSeen: number): Plan["culprits"] {
  return suspects
    .filter((suspect) => suspect.info.at <= firstSeen && mayHaveDone(suspect))
    .map((suspect) => ({ suspect, score: scoreOf(suspect, firstSeen) }))
    .sort((a, b) => b.score - a.score)
    .map(({ suspect, score }) => ({
      commit: suspect.info.commit,
      subject: suspect.info.subject,
      why: whyOf(suspect, firstSeen),
      score,
    }));
}

/**
 * The commit to revert: it wrote the crashing line within a day before the exception was first seen; undefined: none.
 * The revert is tried `first` if the crashed release contains the commit and a release without it is known not to have
 * crashed: then the deployment of this commit began the exception.
 */
export function revertOf(suspects: readonly Suspect[], firstSeen: number): Plan["revert"] {
  const found = suspects.find((s) => s.wroteLine && isFresh(s, firstSeen) && s.info.at <= firstSeen && mayHaveDone(s));
  if (found === undefined) return undefined;
  const { commit, subject } = found.info;
  return { commit, subject, first: found.inGoodRelease === false && found.inCrashedRelease === true };
}

function mayHaveDone({ inCrashedRelease, inGoodRelease }: Suspect): boolean {
  return inCrashedRelease !== false && inGoodRelease !== true;
}

function isFresh({ info }: Suspect, firstSeen: number): boolean {
  return info.at >= firstSeen - FRESH_MS;
}

function scoreOf(suspect: Suspect, firstSeen: number): number {
  const line = suspect.wroteLine ? 50 : 0;
  const fresh = isFresh(suspect, firstSeen) ? 30 : 0;
  return line + fresh + (suspect.inGoodRelease === false ? 20 : 0);
}

function whyOf(suspect: Suspect, firstSeen: number): string {
  const what = suspect.wroteLine ? "wrote the crashing line" : "touched a file of the stack";
  const when = isFresh(suspect, firstSeen) ? ", in the day before it was first seen" : "";
  const since = suspect.inGoodRelease === false ? ", after the last release without it" : "";
  return `${what}${when}${since}`;
}
