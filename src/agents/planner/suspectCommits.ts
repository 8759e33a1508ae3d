import type { Plan } from "../../domain/patch.ts";
import type { CommitInfo } from "../../domain/ports/workspace.ts";

/** Commits this long before the exception was first seen are fresh. */
const FRESH_MS = 24 * 60 * 60 * 1000;

/** A commit that may have introduced the crash, and what is known of it. */
export interface Suspect {
  info: CommitInfo;
  /** It wrote the crashing line as it is. */
  wroteLine: boolean;
  /** null: no release is known. */
  inCrashedRelease: boolean | null;
  /** In a release that the exception was not seen in; null: no such release is known. */
  inGoodRelease: boolean | null;
}

/** Most suspicious first. What a release without the exception holds, or the crashed release does not, is no suspect. */
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
 * The commit to take back: it wrote the crashing line within a day before the exception was first seen. It goes first where
 * a release without it is known not to have crashed: then the deployment of this commit is what began it.
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
