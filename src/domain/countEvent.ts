import type { CapturedEvent, Exception } from "./event.ts";
import { Level, lowerTier, type TrustTier } from "./event.ts";
import type { Fingerprint, Issue } from "./issue.ts";
import { digestOf } from "./patch.ts";

/** How many releases an Issue keeps. The oldest are dropped first, because a Regression is about new releases. */
const MAX_RELEASES = 20;
const MAX_TITLE = 512;

/**
 * The id of the Issue of a Fingerprint family in a project and service. Deterministic: the id is the same on every
 * machine.
 */
export function issueIdOf(project: string, service: string, fingerprint: Fingerprint): string {
  return digestOf(JSON.stringify([project, service, fingerprint.family])).slice(0, 16);
}

/**
 * Whether an Event, the newest of its Issue, is stored whole and permanently: the first five, then every power of two.
 * Events of tier T1 or better are counted apart, so that a flood with a public key does not crowd them out.
 */
export function isKeptSample(issue: Pick<Issue, "count" | "trusted">, tier: TrustTier): boolean {
  return isKept(issue.count) || (tier !== "T0" && isKept(issue.trusted?.count ?? 1));
}

function isKept(n: number): boolean {
  return n <= 5 || Number.isInteger(Math.log2(n));
}

/** The Issue after one more Event. `issue` is null for the first Event. */
export function countEvent(issue: Issue | null, event: CapturedEvent, fingerprint: Fingerprint): Issue {
  const before = issue ?? firstOf(event, fingerprint);
  return {
    ...before,
    // An Issue that began under a previous algorithm takes over the Fingerprint of the current one.
    fingerprint: before.fingerprint.algorithm < fingerprint.algorithm ? fingerprint : before.fingerprint,
    level: higherLevel(before.level, event.level),
    unhandled: before.unhandled || event.handled === false,
    trustTier: lowerTier(before.trustTier, event.trustTier),
    corroborated: before.corroborated || event.trustTier !== "T0",
    ...(event.trustTier !== "T0" && { trusted: countTrusted(before.trusted, event) }),
    firstSeen: Math.min(before.firstSeen, event.receivedAt),
    lastSeen: Math.max(before.lastSeen, event.receivedAt),
    count: before.count + 1,
    releases: withRelease(before.releases, event.release),
  };
}

function countTrusted(before: Issue["trusted"], event: CapturedEvent): NonNullable<Issue["trusted"]> {
  return {
    count: (before?.count ?? 0) + 1,
    level: before === undefined ? event.level : higherLevel(before.level, event.level),
    unhandled: before?.unhandled === true || event.handled === false,
    firstSeen: Math.min(before?.firstSeen ?? event.receivedAt, event.receivedAt),
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

/** `function (file)` of the newest in-app frame; of the newest frame where none is in-app. */
function culpritOf(exception: Exception): string {
  const frame = exception.frames.find((f) => f.inApp) ?? exception.frames[0];
  return frame === undefined ? "" : `${frame.function ?? "<anonymous>"} (${frame.file})`;
}

/** Level.options are ordered from the highest to the lowest. */
function higherLevel(a: Level, b: Level): Level {
  return Level.options.indexOf(a) <= Level.options.indexOf(b) ? a : b;
}

function withRelease(releases: readonly string[], release: string | undefined): string[] {
  if (release === undefined || releases.includes(release)) return [...releases];
  return [...releases, release].slice(-MAX_RELEASES);
}
