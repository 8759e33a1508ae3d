import { setImmediate as nextTurn } from "node:timers/promises";
import type { AuditLog } from "../domain/ports/auditLog.ts";
import type { Clock } from "../domain/ports/clock.ts";
import type { LeaseStore } from "../domain/ports/leaseStore.ts";
import type { Retention } from "../domain/ports/retention.ts";
import type { WorkspaceLeftovers } from "../domain/ports/workspaceLeftovers.ts";
import type { RetentionAges, RetentionReport } from "../domain/retention.ts";
import { isClosed, type Ticket } from "../domain/ticket.ts";
import { sweepCommits, sweepTrees } from "./expiredWorktrees.ts";
import type { EmbeddedBlobStore } from "./files/blobs.ts";
import type { TicketArchive } from "./files/receiptArchive.ts";
import type { EmbeddedDatabase } from "./sqlite/database.ts";
import { createOldRows } from "./sqlite/expiredRows.ts";
import { createOldThreads } from "./sqlite/expiredThreads.ts";
import type { ApiPersistence } from "./sqlite/langGraphApi/persistence.ts";
import type { Sqlite } from "./sqlite/sqlite.ts";
import type { ShrinkingTicketBook } from "./ticketBook.ts";

/** What the retention job reads and cleans up. */
export interface RetentionParts {
  db: EmbeddedDatabase;
  checkpoints: Sqlite;
  api: ApiPersistence;
  tickets: ShrinkingTicketBook;
  blobs: EmbeddedBlobStore;
  archive: TicketArchive;
  audit: AuditLog;
  leases: LeaseStore;
  leftovers: WorkspaceLeftovers;
  clock: Clock;
}

/**
 * Minimum age of a blob before its removal, milliseconds. A Ticket refers to a blob only a moment after the blob is
 * written; this is far more than a moment.
 */
const BLOB_GRACE_MS = 24 * 3_600_000;
/** How long the gate compares a new Patch with deployed Patches, milliseconds. The diffs of these Patches stay. */
const DEPLOYED_MS = 31 * 24 * 3_600_000;
/** Threads, or Tickets, per slice. */
const SLICE = 10;
/** Pages that are returned to the file system per slice. */
const PAGES = 100;

/**
 * Creates the retention job. It removes what is older than configured, in slices with a turn of the event loop between
 * them. After a crash at any point the next run finds the rest, because of the order: threads, trees, Tickets (archive,
 * AuditEntry, then the book), Events, rows, blobs, commits.
 */
export function createRetention(parts: RetentionParts, ages: RetentionAges): Retention {
  let running: Promise<RetentionReport> | null = null;
  return {
    run: (options = {}) => {
      const dryRun = options.dryRun ?? false;
      // Two sweeps at once would do the same work twice. A call during a sweep gets the report of that sweep.
      running ??= sweep(parts, ages, dryRun).finally(() => {
        running = null;
      });
      return running;
    },
  };
}

async function sweep(parts: RetentionParts, ages: RetentionAges, dryRun: boolean): Promise<RetentionReport> {
  const now = parts.clock.now();
  const report: RetentionReport = {
    dryRun,
    tickets: 0,
    threads: 0,
    pruned: 0,
    events: 0,
    issues: 0,
    rows: 0,
    blobs: 0,
    trees: 0,
    commits: 0,
  };
  await sweepThreads(parts, now - Math.min(ages.checkpointsMs, ages.closedTicketsMs), report);
  report.trees = await sweepTrees(parts, now - ages.worktreesMs, !dryRun);
  await sweepTickets(parts, now - ages.closedTicketsMs, report);
  await sweepRows(parts, now, ages, report);
  await sweepBlobs(parts, now, ages, report);
  report.commits = await sweepCommits(parts, !dryRun);
  if (dryRun) return report;
  await giveBack(parts);
  const { dryRun: _no, ...counts } = report;
  if (Object.values(counts).some((count) => count > 0))
    await parts.audit.append({ kind: "retention.ran", actor: "system", facts: counts });
  return report;
}

async function sweepThreads(
  { db, checkpoints, api, tickets }: RetentionParts,
  before: number,
  report: RetentionReport,
) {
  const threads = createOldThreads(db, checkpoints, api);
  const ids = threads.ids();
  for (let at = 0; at < ids.length; at += SLICE) {
    const old: string[] = [];
    for (const id of ids.slice(at, at + SLICE)) {
      const ticket = await tickets.get(id);
      if (ticket !== null && !isClosed(ticket.state)) report.pruned += await threads.prune(id, !report.dryRun);
      else if ((endOf(ticket) ?? threads.lastActive(id) ?? before) < before) old.push(id);
    }
    report.threads += (await threads.drop(old, !report.dryRun)).length;
    await nextTurn();
  }
}

function endOf(ticket: Ticket | null): number | null {
  return ticket === null ? null : (ticket.closedAt ?? ticket.updatedAt);
}

async function sweepTickets(parts: RetentionParts, before: number, report: RetentionReport) {
  const { tickets, db, checkpoints, api } = parts;
  const withThread = new Set(createOldThreads(db, checkpoints, api).ids());
  const old = (ticket: Ticket) => isClosed(ticket.state) && (endOf(ticket) ?? before) < before;
  // A Ticket whose thread still exists has a run under way.
  const candidates = (await tickets.list({ open: false })).filter(
    (t) => old(t) && (report.dryRun || !withThread.has(t.id)),
  );
  for (let at = 0; at < candidates.length; at += SLICE) {
    const slice = candidates.slice(at, at + SLICE).filter((ticket) => !isCurrent(parts, ticket, before));
    if (report.dryRun) report.tickets += slice.length;
    else if (slice.length > 0) report.tickets += await archiveAll(parts, slice, old);
    await nextTurn();
  }
}

/**
 * Whether an Issue that still happens refers to the Ticket. Its outcome (a person's rejection, for example) still
 * counts then.
 */
function isCurrent({ db }: RetentionParts, ticket: Ticket, before: number): boolean {
  const find = db.sqlite
    .prepare<[string, string, number], number>(
      "SELECT 1 FROM issues WHERE id = ? AND json ->> '$.ticketId' = ? AND last_seen >= ?",
    )
    .pluck();
  return ticket.issueIds.some((id) => find.get(id, ticket.id, before) !== undefined);
}

async function archiveAll(parts: RetentionParts, slice: readonly Ticket[], old: (ticket: Ticket) => boolean) {
  const { tickets, archive, audit, clock, db } = parts;
  for (const { ticketId, file, line } of await archive.add(slice, clock.now())) {
    const told = (await audit.list({ ticketId, limit: 1 })).some(({ kind }) => kind === "ticket.archived");
    if (!told) await audit.append({ kind: "ticket.archived", actor: "system", ticketId, facts: { file, line } });
  }
  const ids = slice.map(({ id }) => id);
  await createOldRows(db).ofTickets(ids);
  return (await tickets.remove(ids, old)).length;
}

async function sweepRows({ db, tickets }: RetentionParts, now: number, ages: RetentionAges, report: RetentionReport) {
  const rows = createOldRows(db);
  const remove = !report.dryRun;
  const open = await tickets.list({ open: true });
  const watched = open.filter(({ state }) => state === "deploying" || state === "soaking");
  const needed = {
    samplesOf: new Set([...rows.waitingIssues(), ...open.flatMap((t) => t.issueIds)]),
    allOf: new Set(watched.flatMap((t) => t.issueIds)),
  };
  for (let after = 0; ; ) {
    const slice = await rows.events({ after, before: now - ages.eventsMs, needed, remove });
    if (slice === null) break;
    after = slice.after;
    report.events += slice.gone;
    await nextTurn();
  }
  const other = now - ages.closedTicketsMs;
  const before = { other, track: now - Math.max(ages.trackRecordMs, ages.closedTicketsMs) };
  report.issues = await untilNone(() => rows.issues(other, remove), remove);
  report.rows = await untilNone(() => rows.others(before, remove), remove);
}

/** Runs slices until one removes nothing. Runs a single slice if nothing is to be removed. */
async function untilNone(slice: () => Promise<number>, remove: boolean): Promise<number> {
  let sum = 0;
  for (;;) {
    const gone = await slice();
    sum += gone;
    if (gone === 0 || !remove) return sum;
    await nextTurn();
  }
}

async function sweepBlobs(parts: RetentionParts, now: number, ages: RetentionAges, report: RetentionReport) {
  const { blobs, tickets, db } = parts;
  const keep = new Set(createOldRows(db).trackedDigests());
  const deployed = db.sqlite
    .prepare<[number], string>("SELECT json ->> '$.patchDigest' FROM deployments WHERE intended_at >= ?")
    .pluck();
  for (const digest of deployed.all(now - Math.max(DEPLOYED_MS, ages.closedTicketsMs))) keep.add(digest);
  for (const [index, ticket] of (await tickets.list()).entries()) {
    // Any text that looks like a digest counts as one, wherever it is on the Ticket.
    for (const digest of JSON.stringify(ticket).match(/[0-9a-f]{64}/g) ?? []) keep.add(digest);
    if (index % 50 === 49) await nextTurn();
  }
  for (const shelf of await blobs.folders()) {
    report.blobs += await blobs.sweep(shelf, { keep, before: now - BLOB_GRACE_MS, remove: !report.dryRun });
    await nextTurn();
  }
}

/** Returns free pages to the file system and truncates the write-ahead logs. */
async function giveBack({ db, checkpoints }: RetentionParts): Promise<void> {
  for (const sqlite of [checkpoints, db.sqlite]) {
    const free = () => Number(sqlite.pragma("freelist_count", { simple: true }));
    for (let before = free(); before > 0; ) {
      sqlite.pragma(`incremental_vacuum(${PAGES})`);
      await nextTurn();
      const left = free();
      // A file that an older selfheal created cannot shrink. Its free pages are reused.
      if (left >= before) break;
      before = left;
    }
    sqlite.pragma("wal_checkpoint(TRUNCATE)");
    await nextTurn();
  }
}
