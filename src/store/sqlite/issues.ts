import { countEvent, isKeptSample, issueIdOf } from "../../domain/countEvent.ts";
import { SelfhealError } from "../../domain/errors.ts";
import { CapturedEvent } from "../../domain/event.ts";
import { type Fingerprint, Issue } from "../../domain/issue.ts";
import type { IndexedIssueStore } from "../../domain/ports/issueStore.ts";
import type { EmbeddedDatabase } from "./database.ts";
import { createIssueCounters } from "./issueCounters.ts";
import { eventRow, INSERT_EVENT } from "./spool.ts";
import { readStored } from "./storedJson.ts";
import { createTraces } from "./traces.ts";

/** Values of `events.sample`. */
const NO_SAMPLE = 0;
const KEPT_SAMPLE = 1;
const LATEST_SAMPLE = 2;

/**
 * Creates the store of Issues and of the Events counted on them. Every Event keeps its row, because its id is the
 * idempotency key. Without its payload a row is some hundred bytes, so `countSince` can be exact to the Event. The
 * counters by minute and release are for the long term.
 */
export function createIssueStore(db: EmbeddedDatabase): IndexedIssueStore {
  const sql = prepare(db);
  const counters = createIssueCounters(db);
  const traces = createTraces(db);
  const read = (id: string): Issue | null => {
    const json = sql.get.get(id);
    return json === undefined ? null : readStored(Issue, json, `issue ${id}`);
  };
  const save = (issue: Issue): void => void sql.put.run(issue.id, JSON.stringify(issue));

  const idFor: IndexedIssueStore["idFor"] = (project, service, fingerprint) => {
    const own = issueIdOf(project, service, fingerprint);
    if (fingerprint.former === undefined || sql.exists.get(own) !== undefined) return own;
    const ids = fingerprint.former.map((family) => issueIdOf(project, service, { ...fingerprint, family }));
    return ids.find((id) => sql.exists.get(id) !== undefined) ?? own;
  };

  /**
   * Removes the payload of a row by writing the row again. Setting the payload to NULL would leave each row alone on
   * its page, 4 KB per Event of a storm, because SQLite merges nearly empty pages only when a row is deleted.
   */
  const strip = (sequence: number | undefined): void => {
    const row = sequence === undefined ? undefined : sql.take.get(sequence);
    if (row !== undefined) sql.reinsert.run(row);
  };

  const digest = (event: CapturedEvent, fingerprint: Fingerprint) => {
    const row = sql.find.get(event.project, event.id);
    if (row === undefined) sql.insert.run(eventRow(event));
    else if (row.issue_id !== null) {
      return { issue: expectIssue(read(row.issue_id), row.issue_id), isNew: false, repeated: true };
    }
    const before = read(idFor(event.project, event.service, fingerprint));
    const issue = countEvent(before, event, fingerprint);
    save(issue);
    counters.add(issue.id, event);
    const isLatest = before === null || event.receivedAt >= before.lastSeen;
    if (isLatest) for (const sequence of sql.latest.all(issue.id)) strip(sequence);
    const sample = isKeptSample(issue, event.trustTier) ? KEPT_SAMPLE : isLatest ? LATEST_SAMPLE : NO_SAMPLE;
    sql.mark.run({ issueId: issue.id, sample, project: event.project, eventId: event.id });
    if (sample === NO_SAMPLE) strip(sql.sequence.get(event.project, event.id));
    else if (isMapped(event)) sql.replacePayload.run(eventRow(event));
    // One row per Event of a storm would be too many. The first Event and some of the later ones are enough.
    if (sample === KEPT_SAMPLE) traces.add(issue.id, event);
    return { issue, isNew: before === null, repeated: false };
  };

  return {
    idFor,
    digest: (event, fingerprint) => db.write(() => digest(event, fingerprint)),
    get: async (id) => read(id),
    list: async (filter = {}) =>
      sql.list
        .all({ project: filter.project ?? null, service: filter.service ?? null, limit: filter.limit ?? -1 })
        .map((row) => readStored(Issue, row.json, `issue ${row.id}`)),
    samples: async (issueId, limit) =>
      sql.samples.all(issueId, limit).map((json) => readStored(CapturedEvent, json, `a sample of issue ${issueId}`)),
    countSince: async (issueId, sinceMs, release) =>
      (release === undefined ? sql.count.get(issueId, sinceMs) : sql.countOf.get(issueId, sinceMs, release)) ?? 0,
    minutes: async (issueId, sinceMs) => counters.minutes(issueId, sinceMs),
    releases: async (issueId) => counters.releases(issueId),
    attachTicket: (issueId, ticketId) =>
      db.write(() => save({ ...expectIssue(read(issueId), issueId), ticketId, callsForRun: false, cascade: null })),
    waitFor: (issueId, cascade) =>
      db.write(() => {
        const issue = expectIssue(read(issueId), issueId);
        if (issue.ticketId === null) save({ ...issue, cascade });
      }),
    traceEvents: async (issueId) => traces.of(issueId),
  };
}

/** Whether frames of the Event were resolved from built files to sources. Then the stored payload is replaced. */
function isMapped({ exception, causes }: CapturedEvent): boolean {
  return [exception, ...causes].some(({ frames }) => frames.some(({ generated }) => generated !== undefined));
}

function expectIssue(issue: Issue | null, id: string): Issue {
  if (issue === null) throw new SelfhealError("issueNotFound", `there is no issue ${id}`);
  return issue;
}

function prepare({ sqlite }: EmbeddedDatabase) {
  return {
    get: sqlite.prepare<[string], string>("SELECT json FROM issues WHERE id = ?").pluck(),
    put: sqlite.prepare(
      "INSERT INTO issues (id, json) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET json = excluded.json",
    ),
    exists: sqlite.prepare<[string], number>("SELECT 1 FROM issues WHERE id = ?").pluck(),
    list: sqlite.prepare<
      { project: string | null; service: string | null; limit: number },
      { id: string; json: string }
    >(`
      SELECT id, json FROM issues
      WHERE (@project IS NULL OR project = @project) AND (@service IS NULL OR service = @service)
      ORDER BY last_seen DESC, id LIMIT @limit`),
    find: sqlite.prepare<[string, string], { issue_id: string | null }>(
      "SELECT issue_id FROM events WHERE project = ? AND event_id = ?",
    ),
    insert: sqlite.prepare(INSERT_EVENT),
    mark: sqlite.prepare(`
      UPDATE events SET issue_id = @issueId, sample = @sample
      WHERE project = @project AND event_id = @eventId`),
    replacePayload: sqlite.prepare(`
      UPDATE events SET payload = @payload WHERE project = @project AND event_id = @eventId`),
    latest: sqlite
      .prepare<[string], number>(
        `SELECT sequence FROM events WHERE issue_id = ? AND sample > 0 AND sample = ${LATEST_SAMPLE}`,
      )
      .pluck(),
    sequence: sqlite
      .prepare<[string, string], number>("SELECT sequence FROM events WHERE project = ? AND event_id = ?")
      .pluck(),
    take: sqlite.prepare<[number], Record<string, unknown>>(`
      DELETE FROM events WHERE sequence = ? RETURNING sequence, project, event_id, received_at, release, issue_id, tries`),
    reinsert: sqlite.prepare(`
      INSERT INTO events (sequence, project, event_id, received_at, release, issue_id, tries, sample)
      VALUES (@sequence, @project, @event_id, @received_at, @release, @issue_id, @tries, ${NO_SAMPLE})`),
    samples: sqlite
      .prepare<[string, number], string>(`
        SELECT payload FROM events WHERE issue_id = ? AND sample > 0 ORDER BY received_at DESC, sequence DESC LIMIT ?`)
      .pluck(),
    count: sqlite
      .prepare<[string, number], number>("SELECT count(*) FROM events WHERE issue_id = ? AND received_at >= ?")
      .pluck(),
    countOf: sqlite
      .prepare<[string, number, string], number>(
        "SELECT count(*) FROM events WHERE issue_id = ? AND received_at >= ? AND release = ?",
      )
      .pluck(),
  };
}
