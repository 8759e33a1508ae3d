import type { AuditChain } from "../domain/ports/auditLog.ts";
import type { BatchStore } from "../domain/ports/batchStore.ts";
import type { BlobStore } from "../domain/ports/blobStore.ts";
import type { DebounceStore } from "../domain/ports/debounceStore.ts";
import type { DeployJournal } from "../domain/ports/deployJournal.ts";
import type { EventSpool } from "../domain/ports/eventSpool.ts";
import type { IngestCounts } from "../domain/ports/ingestCounts.ts";
import type { IndexedIssueStore } from "../domain/ports/issueStore.ts";
import type { LeaseStore } from "../domain/ports/leaseStore.ts";
import type { LessonStore } from "../domain/ports/lessonStore.ts";
import type { Outbox } from "../domain/ports/outbox.ts";
import type { Settings } from "../domain/ports/settings.ts";
import type { SpendBook } from "../domain/ports/spendBook.ts";
import type { SuppressionStore } from "../domain/ports/suppressionStore.ts";
import type { TicketBook } from "../domain/ports/ticketBook.ts";
import type { TrackRecord } from "../domain/ports/trackRecord.ts";
import type { UserStore } from "../domain/ports/userStore.ts";
import type { WakeUpStore } from "../domain/ports/wakeUpStore.ts";
import type { SourceMapStore } from "../domain/sourceMap.ts";
import type { TaughtRules } from "../domain/taughtRule.ts";
import type { ApiPersistence } from "./sqlite/langGraphApi/persistence.ts";

/**
 * All stores that the system needs, by their ports. A folder beside this file implements them for one database. The
 * suites in test/contract run on every implementation.
 */
export interface Stores {
  spool: EventSpool;
  ingestCounts: IngestCounts;
  issues: IndexedIssueStore;
  /** Computes the id of the Issue on which `issues.digest` will count an Event. */
  issueIdOf: IndexedIssueStore["idFor"];
  taughtRules: TaughtRules;
  batches: BatchStore;
  debounce: DebounceStore;
  tickets: TicketBook;
  blobs: BlobStore;
  sourceMaps: SourceMapStore;
  audit: AuditChain;
  wakeUps: WakeUpStore;
  settings: Settings;
  outbox: Outbox;
  journal: DeployJournal;
  leases: LeaseStore;
  suppressions: SuppressionStore;
  spend: SpendBook;
  trackRecord: TrackRecord;
  lessons: LessonStore;
  users: UserStore;
  /** Runs, threads and assistants of the LangGraph API. */
  apiPersistence: ApiPersistence;
}
