import { describeDuration } from "../domain/duration.ts";
import { ticketLease } from "../domain/lease.ts";
import type { LeaseStore } from "../domain/ports/leaseStore.ts";
import type { Ticket } from "../domain/ticket.ts";
import { closeTicket } from "./change.ts";
import type { TicketDeps } from "./deps.ts";

export type CloseQuietDeps = Pick<TicketDeps, "tickets" | "issues" | "audit" | "clock"> & {
  leases: Pick<LeaseStore, "get">;
  /** `claims.quietForMs`, milliseconds. 0: tickets stay open. */
  quietForMs: () => number;
};

/**
 * Closes tickets that were only observed, once none of their Issues had an Event for `quietForMs`. A closed ticket
 * waits for the next Event, which opens a ticket again. Returns how many were closed. Safe to repeat.
 */
export async function closeQuietTickets(deps: CloseQuietDeps): Promise<number> {
  const quietForMs = deps.quietForMs();
  if (quietForMs === 0) return 0;
  let closed = 0;
  for (const ticket of await deps.tickets.list({ state: "open" })) {
    const now = deps.clock.now();
    const lastAt = await lastSeen(deps, ticket);
    if (now - Math.max(lastAt, ticket.updatedAt) < quietForMs) continue;
    // A run has the ticket's lease and decides its outcome.
    if ((await deps.leases.get(ticketLease(ticket.id))) !== null) continue;
    const reason = `observed: it was not seen since ${new Date(lastAt).toISOString()}, ${describeDuration(now - lastAt)} ago`;
    await closeTicket(deps, ticket.id, "abstained", `${reason}. What would change this: its next event`, "system", {
      waitsFor: { from: now, releasesBut: null },
    });
    closed += 1;
  }
  return closed;
}

async function lastSeen({ issues }: CloseQuietDeps, ticket: Ticket): Promise<number> {
  const seen = await Promise.all(ticket.issueIds.map((id) => issues.get(id)));
  return Math.max(ticket.openedAt, ...seen.map((issue) => issue?.lastSeen ?? 0));
}
