import type { AuditLog } from "../domain/ports/auditLog.ts";
import type { BlobStore } from "../domain/ports/blobStore.ts";
import type { Clock } from "../domain/ports/clock.ts";
import type { IssueStore } from "../domain/ports/issueStore.ts";
import type { Log } from "../domain/ports/log.ts";
import type { SuppressionStore } from "../domain/ports/suppressionStore.ts";
import type { TicketBook } from "../domain/ports/ticketBook.ts";
import type { WakeUpStore } from "../domain/ports/wakeUpStore.ts";
import type { Workspaces } from "../domain/ports/workspace.ts";
import type { Policy, Service } from "../domain/service.ts";
import type { Ticket } from "../domain/ticket.ts";
import type { RecordOutcome } from "../domain/trackRecord.ts";

/** Dependencies of the functions that work on a ticket. Every function picks the ones it uses. */
export interface TicketDeps {
  tickets: TicketBook;
  issues: IssueStore;
  blobs: BlobStore;
  audit: AuditLog;
  wakeUps: WakeUpStore;
  suppressions: SuppressionStore;
  recordOutcome: RecordOutcome;
  workspaces: Workspaces;
  services: ReadonlyMap<string, Service>;
  /** The policy in effect for the ticket now: the autonomy level may change during a run. */
  policyOf: (service: Service, ticket: Ticket) => Promise<Policy>;
  clock: Clock;
  log: Log;
}
