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

/** What work on a ticket needs. Every function takes the part that it uses. */
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
  /** The policy that counts for the ticket now: the level may change while runs are under way. */
  policyOf: (service: Service, ticket: Ticket) => Promise<Policy>;
  clock: Clock;
  log: Log;
}
