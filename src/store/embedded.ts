import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { messageOf, SelfhealError } from "../domain/errors.ts";
import type { Clock } from "../domain/ports/clock.ts";
import type { Retention } from "../domain/ports/retention.ts";
import type { WorkspaceLeftovers } from "../domain/ports/workspaceLeftovers.ts";
import type { RetentionAges } from "../domain/retention.ts";
import type { Stores } from "./contract.ts";
import { createBlobStore } from "./files/blobs.ts";
import { createTicketArchive } from "./files/receiptArchive.ts";
import { createRetention } from "./retention.ts";
import { createAuditLog } from "./sqlite/audit.ts";
import { createBatchStore } from "./sqlite/batches.ts";
import { type EmbeddedDatabase, openDatabase } from "./sqlite/database.ts";
import { lockDataFolder } from "./sqlite/dataFolderLock.ts";
import { createDebounceStore } from "./sqlite/debounceWindows.ts";
import { createDeployJournal } from "./sqlite/deployJournal.ts";
import { createIngestCounts } from "./sqlite/ingestCounts.ts";
import { createIssueStore } from "./sqlite/issues.ts";
import { createApiPersistence } from "./sqlite/langGraphApi/persistence.ts";
import { createLeaseStore } from "./sqlite/leases.ts";
import { createLessonStore } from "./sqlite/lessons.ts";
import { createOutbox } from "./sqlite/outbox.ts";
import { createSettings } from "./sqlite/settings.ts";
import { createSourceMapStore } from "./sqlite/sourceMaps.ts";
import { createSpendBook } from "./sqlite/spendBook.ts";
import { createEventSpool, type EmbeddedSpool } from "./sqlite/spool.ts";
import { openSqlite, type Sqlite } from "./sqlite/sqlite.ts";
import { createSuppressionStore } from "./sqlite/suppressions.ts";
import { createTaughtRules } from "./sqlite/taughtRules.ts";
import { createTrackRecord } from "./sqlite/trackRecord.ts";
import { createUserStore } from "./sqlite/users.ts";
import { createWakeUpStore } from "./sqlite/wakeUps.ts";
import { createTicketBook, type EmbeddedTicketBook } from "./ticketBook.ts";

/** The stores in one data folder: SQLite, the ticket book as a JSON file, blobs as files. */
export interface EmbeddedStores extends Stores {
  spool: EmbeddedSpool;
  tickets: EmbeddedTicketBook;
  /** A separate file for LangGraph's checkpoints, for `new SqliteSaver(checkpoints)`. It is as durable as the rest. */
  checkpoints: Sqlite;
  /** Writes pending changes, closes the files and unlocks the folder. */
  close(): Promise<void>;
}

/** The stores of a data folder, with a retention job that keeps the folder bounded. */
export interface OpenedStores extends EmbeddedStores {
  retention(ages: RetentionAges, leftovers: WorkspaceLeftovers): Retention;
}

/**
 * Opens the data folder, or creates it. Only one process may open it: throws SelfhealError `dataFolderInUse` otherwise.
 * Throws SelfhealError `storage` if something cannot be read or written. Nothing stays open if it throws.
 *
 * @example
 * const stores = await openEmbeddedStores("./data", clock);
 * await stores.close();
 */
export async function openEmbeddedStores(dataDir: string, clock: Clock): Promise<OpenedStores> {
  const blobDir = join(dataDir, "blobs");
  try {
    mkdirSync(blobDir, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new SelfhealError("storage", `cannot make the data folder ${dataDir}: ${messageOf(cause)}`, { cause });
  }
  const closers: (() => void)[] = [];
  const opened = <T>(value: T, close: () => void): T => {
    closers.unshift(close);
    return value;
  };
  try {
    const lock = lockDataFolder(dataDir);
    opened(lock, lock.release);
    const db = openDatabase(join(dataDir, "selfheal.sqlite"));
    opened(db, db.close);
    const checkpoints = openSqlite(join(dataDir, "checkpoints.sqlite"));
    opened(checkpoints, () => void checkpoints.close());
    const tickets = await createTicketBook(join(dataDir, "tickets.json"), db);
    const blobs = createBlobStore(blobDir);
    const archive = createTicketArchive(join(dataDir, "archive"));
    const stores = storesOf(db, clock);
    const { audit, leases, apiPersistence: api } = stores;
    const bounded = { db, checkpoints, api, tickets, blobs, archive, audit, leases, clock };
    return {
      ...stores,
      tickets,
      blobs,
      sourceMaps: createSourceMapStore(db, blobs),
      checkpoints,
      retention: (ages, leftovers) => createRetention({ ...bounded, leftovers }, ages),
      close: async () => {
        // A run that is under way must not write that it failed because its stores were closed. Its last checkpoint
        // stays.
        db.seal();
        checkpoints.close();
        await tickets.close();
        for (const close of closers.splice(0)) close();
      },
    };
  } catch (thrown) {
    for (const close of closers) close();
    throw thrown;
  }
}

/** Creates the stores in the one database file. The database decides how and when a write becomes durable. */
export function storesOf(db: EmbeddedDatabase, clock: Clock) {
  const issues = createIssueStore(db);
  return {
    spool: createEventSpool(db),
    ingestCounts: createIngestCounts(db),
    issues,
    issueIdOf: issues.idFor,
    taughtRules: createTaughtRules(db),
    batches: createBatchStore(db),
    debounce: createDebounceStore(db),
    audit: createAuditLog(db, clock),
    wakeUps: createWakeUpStore(db),
    settings: createSettings(db),
    spend: createSpendBook(db),
    outbox: createOutbox(db, clock),
    journal: createDeployJournal(db, clock),
    leases: createLeaseStore(db, clock),
    suppressions: createSuppressionStore(db),
    trackRecord: createTrackRecord(db),
    lessons: createLessonStore(db),
    users: createUserStore(db),
    apiPersistence: createApiPersistence(db),
  };
}
