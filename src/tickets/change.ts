import { allSettledOrThrow } from "../domain/allSettledOrThrow.ts";
import type { Facts } from "../domain/audit.ts";
import type { Ticket, WaitsFor } from "../domain/ticket.ts";
import type { TicketDeps } from "./deps.ts";

/** Changes a ticket and sets `updatedAt`. Throws SelfhealError `ticketNotFound`. */
export function changeTicket(
  deps: Pick<TicketDeps, "tickets" | "clock">,
  id: string,
  change: (ticket: Ticket) => Partial<Ticket>,
): Promise<Ticket> {
  return deps.tickets.update(id, (ticket) => ({ ...change(ticket), updatedAt: deps.clock.now() }));
}

/**
 * Runs `work`, and writes `update` to the ticket at the same time. `work` must not change the same fields. Rejects only
 * after both have settled.
 */
export async function updateWhile<T>(
  deps: Pick<TicketDeps, "tickets" | "clock">,
  id: string,
  update: Partial<Ticket>,
  work: () => Promise<T>,
): Promise<T> {
  const [, done] = await allSettledOrThrow(
    changeTicket(deps, id, () => update),
    work(),
  );
  return done;
}

/**
 * Closes a ticket with a reason and appends an audit entry, which also gets `more.facts`. A node that runs twice closes
 * the ticket once, at the time of the first call.
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
  // Not in parallel with the audit entry: the stored ticket shows whether that entry may exist already.
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
