import type { CapturedEvent, Exception } from "./event.ts";
import { Level, lowerTier } from "./event.ts";
import type { Fingerprint, Issue } from "./issue.ts";
import { digestOf } from "./patch.ts";

/** How many releases an Issue remembers; the oldest go first, since a regression asks about new ones. */
const MAX_RELEASES = 20;
const MAX_TITLE = 512;

/** The id of the Issue of a Fingerprint family in a project and service: the same for ever, wherever it is computed. */
export function issueIdOf(project: string, service: string, fingerprint: Fingerprint): string {
  return digestOf(JSON.stringify([project, service, fingerprint.family])).slice(0, 16);
}

/** Whether the n-th Event of an Issue (from 1) is kept whole for good: the first five, then every power of two. */
export function isKeptSample(n: number): boolean {
  return n <= 5 || Number.isInteger(Math.log2(n));
}

/** The Issue with one more Event counted on it; `issue` is null for its first. */
export function countEvent(issue: Issue | null, event: CapturedEvent, fingerprint: Fingerprint): Issue {
  const before = issue ?? firstOf(event, fingerprint);
  return {
    ...before,
    // An Issue that began under a former algorithm says why by the current one.
    fingerprint: before.fingerprint.algorithm < fingerprint.algorithm ? fingerprint : before.fingerprint,
    level: higherLevel(before.level, event.level),
    unhandled: before.unhandled || event.handled === false,
    trustTier: lowerTier(before.trustTier, event.trustTier),
    corroborated: before.corroborated || event.trustTier !== "T0",
    firstSeen: Math.min(before.firstSeen, event.receivedAt),
    lastSeen: Math.max(before.lastSeen, event.receivedAt),
    count: before.count + 1,
    releases: withRelease(before.releases, event.release),
  };
}

function firstOf(event: CapturedEvent, fingerprint: Fingerprint): Issue {
  const { type, value } = event.exception;
  return {
    id: issueIdOf(event.project, event.service, fingerprint),
    project: event.project,
    service: event.service,
    fingerprint,
    title: `${type}: ${value.split("\n", 1)[0] ?? ""}`.slice(0, MAX_TITLE),
    culprit: culpritOf(event.exception).slice(0, MAX_TITLE),
    level: event.level,
    unhandled: false,
    trustTier: event.trustTier,
    corroborated: false,
    firstSeen: event.receivedAt,
    lastSeen: event.receivedAt,
    count: 0,
    releases: [],
    ticketId: null,
  };
}

/** `function (file)` of the newest frame of the app's own; of the newest frame where none is. */
function culpritOf(exception: Exception): string {
  const frame = exception.frames.find((f) => f.inApp) ?? exception.frames[0];
  return frame === undefined ? "" : `${frame.function ?? "<anonymous>"} (${frame.file})`;
}

/** Level.options go from the highest to the lowest. */
function higherLevel(a: Level, b: Level): Level {
  return Level.options.indexOf(a) <= Level.options.indexOf(b) ? a : b;
}

function withRelease(releases: readonly string[], release: string | undefined): string[] {
  if (release === undefined || releases.includes(release)) return [...releases];
  return [...releases, release].slice(-MAX_RELEASES);
}
