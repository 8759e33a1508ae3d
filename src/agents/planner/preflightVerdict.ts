import { describeDuration } from "../../domain/duration.ts";
import type { Suppression } from "../../domain/suppression.ts";
import type { WaitsFor } from "../../domain/ticket.ts";

/**
 * What is known before anything is spent on a ticket. Points in time are milliseconds since the epoch; `quietForMs` and
 * `branchesWithinMs` are durations in milliseconds.
 */
export interface PreflightFacts {
  now: number;
  quietForMs: number;
  branchesWithinMs: number;
  /** When the newest Event of the ticket's Issues was received. */
  lastSeen: number;
  /** Every release of the Issues' Events. */
  releases: readonly string[];
  suppression: Suppression | null;
  /** The person who wants the ticket worked on in any case; null: nobody does. */
  overruledBy: string | null;
  /** A live fix of another ticket for one of these Issues; no Event since came from a release that contains the fix. */
  fixLive: { ticketId: string; commit: string } | null;
  /** Set if every release is older than the base, and these commits changed the crashing line since. */
  changedSince: { base: string; place: string; commits: readonly string[] } | null;
  /**
   * Whether the exception happens on the base, where the line was changed; null: no reproduction, or it showed nothing.
   */
  reproducesOnBase: boolean | null;
  /** Unmerged branches of others that touch the crashing lines. */
  branches: readonly { name: string; author: string; commit: string; at: number }[];
}

/**
 * go: work starts. Otherwise the ticket is closed as `state`. `waitsFor`: which later Event opens it again; null: none
 * does.
 */
export type PreflightVerdict =
  | { kind: "go" }
  | {
      kind: "suppressed" | "quiet" | "fixLive" | "alreadyFixed" | "maybeFixed" | "atWork";
      state: "abstained" | "dismissed";
      reason: string;
      wouldChangeMind: string;
      waitsFor: WaitsFor | null;
    };

const short = (commit: string) => commit.slice(0, 12);

/**
 * Whether work on a ticket starts; if not, why, and what would change that. A person's decision overrules every check.
 */
export function preflightVerdict(facts: PreflightFacts): PreflightVerdict {
  if (facts.overruledBy !== null) return { kind: "go" };
  return suppressed(facts) ?? quiet(facts) ?? fixLive(facts) ?? fixedOnBase(facts) ?? atWork(facts) ?? { kind: "go" };
}

function suppressed({ suppression }: PreflightFacts): PreflightVerdict | null {
  if (suppression === null) return null;
  const until = new Date(suppression.expiresAt).toISOString();
  return {
    kind: "suppressed",
    state: "dismissed",
    reason: `${suppression.by} has it left alone until ${until}: ${suppression.reason}`,
    wouldChangeMind: "the end of the suppression",
    // The end of a suppression requests a run by itself.
    waitsFor: null,
  };
}

function quiet({ now, lastSeen, quietForMs }: PreflightFacts): PreflightVerdict | null {
  if (quietForMs === 0 || now - lastSeen <= quietForMs) return null;
  return {
    kind: "quiet",
    state: "abstained",
    reason: `it was not seen since ${new Date(lastSeen).toISOString()}, ${describeDuration(now - lastSeen)} ago`,
    wouldChangeMind: "its next event",
    waitsFor: { from: now, releasesBut: null },
  };
}

function fixLive(facts: PreflightFacts): PreflightVerdict | null {
  if (facts.fixLive === null) return null;
  const { ticketId, commit } = facts.fixLive;
  return {
    kind: "fixLive",
    state: "abstained",
    reason: `the fix of ticket ${ticketId} is live as ${short(commit)}, and every event since is of an older release`,
    wouldChangeMind: "an event of a release that contains that fix",
    waitsFor: { from: null, releasesBut: [...facts.releases] },
  };
}

function fixedOnBase(facts: PreflightFacts): PreflightVerdict | null {
  if (facts.changedSince === null || facts.reproducesOnBase === true) return null;
  const { base, place, commits } = facts.changedSince;
  const proven = facts.reproducesOnBase === false;
  const by = commits.length === 0 ? "" : ` by ${commits.join(", ")}`;
  const changed = `${place} was changed${by} since every release that it happened in`;
  return {
    kind: proven ? "alreadyFixed" : "maybeFixed",
    state: "abstained",
    reason: proven
      ? `already fixed: it does not reproduce on ${short(base)}, and ${changed}`
      : `perhaps already fixed: ${changed}`,
    wouldChangeMind: `an event of a newer release${proven ? "" : ", or a reproduceCommand that shows it on the base"}`,
    waitsFor: { from: null, releasesBut: [...facts.releases] },
  };
}

function atWork(facts: PreflightFacts): PreflightVerdict | null {
  const recent = facts.branches.filter(({ at }) => facts.now - at <= facts.branchesWithinMs);
  const [newest] = recent.toSorted((a, b) => b.at - a.at);
  if (newest === undefined) return null;
  const ends = newest.at + facts.branchesWithinMs;
  return {
    kind: "atWork",
    state: "abstained",
    reason: `somebody is at work on these lines: ${recent.map((b) => `branch ${b.name} of ${b.author} (${short(b.commit)})`).join(", ")}`,
    wouldChangeMind: `an event of a newer release, or one after ${new Date(ends).toISOString()}, when the branch counts as left`,
    waitsFor: { from: ends, releasesBut: [...facts.releases] },
  };
}
