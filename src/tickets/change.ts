import { allSettledOrThrow } from "../domain/allSettledOrThrow.ts";
import type { Facts } from "../domain/audit.ts";
import type { Ticket, WaitsFor } from "../domain/ticket.ts";
import type { TicketDeps } from "./deps.ts";

/** Changes a ticket and stamps the time. Throws SelfhealError `ticketNotFound`. */
export function changeTicket(
  deps: Pick<TicketDeps, "tickets" | "clock">,
  id: string,
  change: (ticket: Ticket) => Partial<Ticket>,
): Promise<Ticket> {
  return deps.tickets.update(id, (ticket) => ({ ...change(ticket), updatedAt: deps.clock.now() }));
}

/** Says what a ticket is at while the work goes on, rather than before it begins. The work must not change the same fields. */
export async function updateWhile<T>(
  deps: Pick<TicketDeps, "tickets" | "clock">,
  id: string,
  now: Partial<Ticket>,
  work: () => Promise<T>,
): Promise<T> {
  const [, done] = await allSettledOrThrow(
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
  deps: Pick<TicketDeps, "tickets" | "clock" | "audit">,
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
