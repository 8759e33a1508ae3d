import type { CapturedEvent } from "../../domain/event.ts";
import type { IssueMinute, IssueRelease } from "../../domain/issue.ts";
import type { EmbeddedDatabase } from "./database.ts";

const MINUTE_MS = 60_000;

/** Numbers of Events of an Issue, by minute of receipt and by release. `sinceMs` is in milliseconds since the epoch. */
export interface IssueCounters {
  /**
   * Adds one Event to the counters of its Issue. Call it in the commit that marks the Event as digested, so that the
   * two never disagree.
   */
  add(issueId: string, event: Pick<CapturedEvent, "receivedAt" | "release">): void;
  minutes(issueId: string, sinceMs: number): IssueMinute[];
  releases(issueId: string): IssueRelease[];
}

/** Creates the counters of Issues. A storm adds one row per minute and one per release, however many Events it has. */
export function createIssueCounters({ sqlite }: EmbeddedDatabase): IssueCounters {
  const minute = sqlite.prepare<[string, number]>(`
    INSERT INTO issue_minutes (issue_id, minute, events) VALUES (?, ?, 1)
    ON CONFLICT (issue_id, minute) DO UPDATE SET events = events + 1`);
  const release = sqlite.prepare<{ issueId: string; release: string; at: number }>(`
    INSERT INTO issue_releases (issue_id, release, first_seen, last_seen, events) VALUES (@issueId, @release, @at, @at, 1)
    ON CONFLICT (issue_id, release) DO UPDATE SET events = events + 1,
      first_seen = min(first_seen, excluded.first_seen), last_seen = max(last_seen, excluded.last_seen)`);
  const minutes = sqlite.prepare<[string, number], { minute: number; events: number }>(
    "SELECT minute, events FROM issue_minutes WHERE issue_id = ? AND minute >= ? ORDER BY minute",
  );
  const releases = sqlite.prepare<[string], IssueRelease>(`
    SELECT release, first_seen AS firstSeen, last_seen AS lastSeen, events FROM issue_releases
    WHERE issue_id = ? ORDER BY first_seen, release`);
  return {
    add: (issueId, event) => {
      minute.run(issueId, Math.floor(event.receivedAt / MINUTE_MS));
      if (event.release !== undefined) release.run({ issueId, release: event.release, at: event.receivedAt });
    },
    minutes: (issueId, sinceMs) =>
      minutes
        .all(issueId, Math.floor(sinceMs / MINUTE_MS))
        .map((row) => ({ at: row.minute * MINUTE_MS, events: row.events })),
    releases: (issueId) => releases.all(issueId),
  };
}
