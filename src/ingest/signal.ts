import { isClosed, type Ticket } from "../domain/ticket.ts";

/** Why an Issue should be looked at, or null. */
export type SignalReason = "newFamily" | "count" | "regression";

/**
 * Whether the n-th Event of an Issue (`count`, from 1) calls for a run: a new family; one that happens again after its ticket
 * healed; and a count that reaches a power of ten while nobody works on it. An open ticket is work under way, and calls for nothing.
 */
export function signalOf(count: number, ticket: Ticket | null, receivedAt: number): SignalReason | null {
  if (count === 1) return "newFamily";
  if (ticket !== null && !isClosed(ticket.state)) return null;
  // What was captured before the ticket closed says nothing about its fix.
  if (ticket?.state === "healed" && receivedAt > (ticket.closedAt ?? ticket.updatedAt)) return "regression";
  return count >= 10 && Number.isInteger(Math.log10(count)) ? "count" : null;
}
