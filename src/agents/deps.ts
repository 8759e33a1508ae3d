import type { RecordOutcome } from "../autonomy/recordOutcome.ts";
import { together } from "../domain/allSettledOrThrow.ts";
import type { Facts } from "../domain/audit.ts";
import type { AuditLog } from "../domain/ports/auditLog.ts";
import type { BatchStore } from "../domain/ports/batchStore.ts";
import type { BlobStore } from "../domain/ports/blobStore.ts";
import type { Clock } from "../domain/ports/clock.ts";
import type { IssueStore } from "../domain/ports/issueStore.ts";
import type { Log } from "../domain/ports/log.ts";
import type { SuppressionStore } from "../domain/ports/suppressionStore.ts";
import type { TicketBook } from "../domain/ports/ticketBook.ts";
import type { TrackRecord } from "../domain/ports/trackRecord.ts";
import type { WakeUpStore } from "../domain/ports/wakeUpStore.ts";
import type { Workspaces } from "../domain/ports/workspace.ts";
import type { Policy, Service } from "../domain/service.ts";
import type { Ticket, WaitsFor } from "../domain/ticket.ts";

/** What agents work with. Every node takes the part it needs. */
export interface AgentDeps {
  tickets: TicketBook;
  issues: IssueStore;
  batches: BatchStore;
  blobs: BlobStore;
  audit: AuditLog;
  wakeUps: WakeUpStore;
  suppressions: SuppressionStore;
  trackRecord: TrackRecord;
  recordOutcome: RecordOutcome;
  workspaces: Workspaces;
  services: ReadonlyMap<string, Service>;
  /** What counts for the ticket now: the level may be changed while runs are under way. */
  policyOf: (service: Service, ticket: Ticket) => Promise<Policy>;
  clock: Clock;
  log: Log;
}

/** Changes a ticket and stamps the time. Throws SelfhealError `ticketNotFound`. */
export function changeTicket(
  deps: Pick<AgentDeps, "tickets" | "clock">,
  id: string,
  change: (ticket: Ticket) => Partial<Ticket>,
): Promise<Ticket> {
  return deps.tickets.update(id, (ticket) => ({ ...change(ticket), updatedAt: deps.clock.now() }));
}

/** Says what a ticket is at while the work goes on, rather than before it begins. The work must not change the same fields. */
export async function whileAt<T>(
  deps: Pick<AgentDeps, "tickets" | "clock">,
  id: string,
  now: Partial<Ticket>,
  work: () => Promise<T>,
): Promise<T> {
  const [, done] = await together(
    changeTicket(deps, id, () => now),
    work(),
  );
  return done;
}

/**
 * Ends the work on a ticket, with the reason, and says so in the audit log, with further facts where there are any. A node
 * that runs twice closes it once, at the time of the first.
 */
export async function closeTicket(
  deps: Pick<AgentDeps, "tickets" | "clock" | "audit">,
  id: string,
  state: "abstained" | "proposed" | "rejected" | "dismissed",
  reason: string,
  actor = "system",
  more: { facts?: Facts; waitsFor?: WaitsFor } = {},
): Promise<void> {
  const { facts = {}, waitsFor } = more;
  const wanted = { state, reason: reason.slice(0, 4000), approval: null };
  let closedAt = deps.clock.now();
  let again = false;
  // Not at the same time: what is on record already is told by the ticket being closed.
  await changeTicket(deps, id, (ticket) => {
    again = ticket.state === state && ticket.reason === wanted.reason && ticket.closedAt !== null;
    closedAt = again ? (ticket.closedAt ?? closedAt) : closedAt;
    return { ...wanted, closedAt, ...(waitsFor && { waitsFor }) };
  });
  const kind = `ticket.${state}` as const;
  if (again && (await deps.audit.list({ ticketId: id })).some((entry) => entry.kind === kind && entry.at >= closedAt))
    return;
  await deps.audit.append({ kind, actor, ticketId: id, facts: { ...facts, reason: reason.slice(0, 500) } });
}
