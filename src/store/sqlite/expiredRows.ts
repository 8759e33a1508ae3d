import type { EmbeddedDatabase } from "./database.ts";

/** Rows per slice: some milliseconds of the event loop. */
const SLICE = 500;

interface EventRow {
  sequence: number;
  issueId: string | null;
  sample: number;
  receivedAt: number;
}

/** Events that must stay. */
export interface NeededEvents {
  /** Issues whose samples are in use, or will be. */
  samplesOf: ReadonlySet<string>;
  /** Issues whose every Event is counted, because a Fix of theirs is being verified. */
  allOf: ReadonlySet<string>;
}

/**
 * Finds and removes old rows. With `remove: false` the rows are only counted. Times are in milliseconds since the
 * epoch.
 */
export interface OldRows {
  /**
   * Processes one slice of Events after a sequence number, oldest first. Null if none of them is older than `before`.
   */
  events(query: {
    after: number;
    before: number;
    needed: NeededEvents;
    remove: boolean;
  }): Promise<{ after: number; gone: number } | null>;
  /** Issues that are in open windows and in Batches that were not started. */
  waitingIssues(): string[];
  /** Processes one slice of Issues without Ticket and Events, last seen before `before`. Returns their number. */
  issues(before: number, remove: boolean): Promise<number>;
  /**
   * Processes one slice of other rows that ended before: Batches, messages, spend, track record, suppressions, minute
   * counters, source maps, traces. Returns their number.
   */
  others(before: { other: number; track: number }, remove: boolean): Promise<number>;
  /** Removes the wake-ups and the leases of Tickets that left the book. Returns the number of rows. */
  ofTickets(ids: readonly string[]): Promise<number>;
  /** Digests that the track record and the source maps refer to. */
  trackedDigests(): string[];
}

/** Creates the access to tables whose rows expire. AuditEntries, Deployments and Issues with a Ticket are permanent. */
export function createOldRows(db: EmbeddedDatabase): OldRows {
  const { sqlite } = db;
  const page = sqlite.prepare<[number, number], EventRow>(`
    SELECT sequence, issue_id AS issueId, sample, received_at AS receivedAt FROM events
    WHERE sequence > ? ORDER BY sequence LIMIT ?`);
  const dropEvent = sqlite.prepare("DELETE FROM events WHERE sequence = ?");
  const quiet = sqlite
    .prepare<[number, number], string>(`
      SELECT id FROM issues WHERE last_seen < ? AND json ->> '$.ticketId' IS NULL
        AND NOT EXISTS (SELECT 1 FROM events WHERE issue_id = issues.id) LIMIT ?`)
    .pluck();
  const drops = ["issues WHERE id = ?", "issue_releases WHERE issue_id = ?"].map((what) =>
    sqlite.prepare(`DELETE FROM ${what}`),
  );
  return {
    events: async ({ after, before, needed, remove }) => {
      const rows = page.all(after, SLICE);
      const last = rows.at(-1);
      // Sequence numbers increase with the time of receipt, so after a slice of young Events there are only young
      // Events.
      if (last === undefined || rows.every((row) => row.receivedAt >= before)) return null;
      const old = rows.filter((row) => row.receivedAt < before && isFree(row, needed));
      if (remove && old.length > 0) {
        await db.write(() => {
          for (const { sequence } of old) dropEvent.run(sequence);
        });
      }
      return { after: last.sequence, gone: old.length };
    },
    waitingIssues: () =>
      sqlite
        .prepare<[], string>(`
          SELECT value FROM debounce_windows, json_each(debounce_windows.json, '$.issueIds')
          UNION SELECT value FROM batches, json_each(batches.json, '$.issueIds') WHERE state = 'closed'`)
        .pluck()
        .all(),
    issues: async (before, remove) => {
      const ids = quiet.all(before, remove ? SLICE : -1);
      if (remove && ids.length > 0) {
        await db.write(() => {
          for (const id of ids) for (const drop of drops) drop.run(id);
        });
      }
      return ids.length;
    },
    others: (before, remove) => others(db, before, remove),
    ofTickets: async (ids) =>
      db.write(() =>
        ids.reduce((sum, id) => {
          const wakeUps = sqlite.prepare("DELETE FROM wake_ups WHERE ticket_id = ?").run(id).changes;
          return sum + wakeUps + sqlite.prepare("DELETE FROM leases WHERE name = ?").run(`ticket:${id}`).changes;
        }, 0),
      ),
    trackedDigests: () =>
      sqlite
        .prepare<[], string>("SELECT patch_digest FROM track_record UNION SELECT digest FROM source_maps")
        .pluck()
        .all(),
  };
}

function isFree({ issueId, sample }: EventRow, { samplesOf, allOf }: NeededEvents): boolean {
  if (issueId === null || allOf.has(issueId)) return false;
  return sample === 0 || !samplesOf.has(issueId);
}

/** Rows that have ended, by table. `?` is the time before which they must have ended. */
const ENDED = [
  { table: "batches", where: "state = 'started' AND closed_at < ?", age: "other" },
  { table: "outbox", where: "due_at IS NULL AND created_at < ?", age: "other" },
  { table: "spend", where: "at < ?", age: "other" },
  { table: "suppressions", where: "expires_at < ?", age: "other" },
  { table: "issue_minutes", where: "minute < ? / 60000", age: "other" },
  { table: "trace_events", where: "received_at < ?", age: "other" },
  { table: "track_record", where: "at < ?", age: "track" },
  {
    table: "source_maps",
    // The maps of a release stay while any Issue of the release still happens, because its frames must be resolved.
    where:
      "max(uploaded_at, ifnull((SELECT max(last_seen) FROM issue_releases AS seen WHERE seen.release = source_maps.release), 0)) < ?",
    age: "other",
  },
] as const;

async function others(
  db: EmbeddedDatabase,
  before: { other: number; track: number },
  remove: boolean,
): Promise<number> {
  let gone = 0;
  for (const { table, where, age } of ENDED) {
    if (remove) {
      const slice = `DELETE FROM ${table} WHERE rowid IN (SELECT rowid FROM ${table} WHERE ${where} LIMIT ${SLICE})`;
      gone += await db.write(() => db.sqlite.prepare(slice).run(before[age]).changes);
    } else {
      gone +=
        db.sqlite.prepare<[number], number>(`SELECT count(*) FROM ${table} WHERE ${where}`).pluck().get(before[age]) ??
        0;
    }
  }
  return gone;
}
