import { z } from "zod";
import type { IssueMinute, IssueRelease } from "./issue.ts";

const MINUTE_MS = 60_000;
/** Number of minutes that are shown. */
const SHOWN = 60;

/** How many Events a ticket's Issues had lately, and in which releases. Times are milliseconds since the epoch. */
export const Activity = z.object({
  /** Events of each of the last 60 minutes, oldest first. The last item is the current minute. */
  minutes: z.array(z.number()),
  /** The most recently seen release first. */
  releases: z.array(z.object({ release: z.string(), firstSeen: z.number(), lastSeen: z.number(), events: z.number() })),
});
export type Activity = z.infer<typeof Activity>;

/** The start of the first minute that is shown. */
export function activitySince(now: number): number {
  return (Math.floor(now / MINUTE_MS) - SHOWN + 1) * MINUTE_MS;
}

/** Adds up the counters of several Issues. */
export function activityOf(minutes: readonly IssueMinute[], releases: readonly IssueRelease[], now: number): Activity {
  const since = activitySince(now);
  const sums = Array.from({ length: SHOWN }, () => 0);
  for (const { at, events } of minutes) {
    const i = Math.floor((at - since) / MINUTE_MS);
    if (i >= 0 && i < SHOWN) sums[i] = (sums[i] ?? 0) + events;
  }
  const byRelease = new Map<string, IssueRelease>();
  for (const one of releases) {
    const other = byRelease.get(one.release) ?? { ...one, events: 0 };
    byRelease.set(one.release, {
      release: one.release,
      firstSeen: Math.min(one.firstSeen, other.firstSeen),
      lastSeen: Math.max(one.lastSeen, other.lastSeen),
      events: one.events + other.events,
    });
  }
  return { minutes: sums, releases: [...byRelease.values()].toSorted((a, b) => b.lastSeen - a.lastSeen) };
}

const BARS = "▁▂▃▄▅▆▇█";

/** The minutes as bars. The highest bar is full; a minute without Events is a dot. */
export function barsOf(minutes: readonly number[]): string {
  const most = Math.max(1, ...minutes);
  return minutes.map((n) => (n === 0 ? "·" : (BARS[Math.ceil((n / most) * BARS.length) - 1] ?? "█"))).join("");
}
