import { isClosed, type Ticket } from "../../domain/ticket.ts";

/** Why an Issue should be looked at, or null. */
export type AttentionReason =
  | "newFamily"
  | "count"
  | "regression"
  | "suppressionEnded"
  | "claimOver"
  | "regrouped"
  | "cascadeOver";

/** What else is known when an Event arrives. Times in milliseconds since the epoch. */
export interface AttentionFacts {
  /** The Event's release. */
  release?: string | undefined;
  /** Whether the Issue is suppressed now. */
  suppressed: boolean;
  /** When its last suppression ended; null when there was none. */
  suppressionEndedAt: number | null;
  /** Whether a person took it out of another Issue, and it has no ticket since. */
  callsForRun?: boolean | undefined;
  /** Whether it came up in a cascade: `waits` for that ticket, or that is `over`. */
  cascade?: "waits" | "over" | null | undefined;
}

const NOTHING: AttentionFacts = { suppressed: false, suppressionEndedAt: null };

/**
 * Whether the n-th Event of an Issue (`count`, from 1) calls for a run: a new family; one that happens again after its ticket
 * healed, after its suppression ended, or under the conditions that its abstained ticket waits for; and a count that reaches
 * a power of ten while nobody works on it. An open ticket is work under way, and a suppression a person's word: they call
 * for nothing. `archived`: its ticket was closed, and the Issue quiet, for so long that the ticket left the book.
 */
export function attentionReasonOf(
  count: number,
  ticket: Ticket | "archived" | null,
  receivedAt: number,
  around: AttentionFacts = NOTHING,
): AttentionReason | null {
  if (around.suppressed) return null;
  if (count === 1) return "newFamily";
  if (ticket === "archived") return "regression";
  if (ticket !== null && !isClosed(ticket.state)) return null;
  if (around.cascade === "waits") return null;
  if (around.cascade === "over") return "cascadeOver";
  if (around.callsForRun) return "regrouped";
  const closedAt = ticket === null ? null : (ticket.closedAt ?? ticket.updatedAt);
  // What was captured before the ticket closed says nothing about its fix.
  if (ticket?.state === "healed" && receivedAt > (closedAt ?? 0)) return "regression";
  const { suppressionEndedAt: end } = around;
  // Until a ticket that was opened since has come to its end.
  if (end !== null && receivedAt >= end && (closedAt === null || closedAt <= end)) return "suppressionEnded";
  if (ticket !== null && receivedAt > (closedAt ?? 0) && waitIsOver(ticket, receivedAt, around.release))
    return "claimOver";
  return count >= 10 && Number.isInteger(Math.log10(count)) ? "count" : null;
}

function waitIsOver({ waitsFor }: Ticket, receivedAt: number, release: string | undefined): boolean {
  if (waitsFor === undefined) return false;
  if (waitsFor.from !== null && receivedAt >= waitsFor.from) return true;
  return waitsFor.releasesBut !== null && release !== undefined && !waitsFor.releasesBut.includes(release);
}
