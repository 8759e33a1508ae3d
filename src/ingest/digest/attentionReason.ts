import { isClosed, type Ticket } from "../../domain/ticket.ts";

/** Why an Issue needs a run. */
export type AttentionReason =
  | "newFamily"
  | "count"
  | "regression"
  | "suppressionEnded"
  | "claimOver"
  | "regrouped"
  | "cascadeOver";

/** Further facts at the time an Event arrives. Times are in milliseconds since the epoch. */
export interface AttentionFacts {
  /** The Event's release. */
  release?: string | undefined;
  /** Whether the Issue is suppressed now. */
  suppressed: boolean;
  /** When the Issue's last suppression ended; null if there was none. */
  suppressionEndedAt: number | null;
  /** Whether a person split this Issue from another Issue and no Ticket was opened for it since. */
  callsForRun?: boolean | undefined;
  /** Set if the Issue appeared in a cascade: `waits` for the cascade's Ticket, or the cascade is `over`. */
  cascade?: "waits" | "over" | null | undefined;
}

const NOTHING: AttentionFacts = { suppressed: false, suppressionEndedAt: null };

/**
 * Decides whether the n-th Event of an Issue (`count`, from 1) needs a run, and why.
 * - A run is needed for a new family. It is also needed if the Issue happens again after its Ticket healed, after its
 *   suppression ended, or under the conditions that its abstained Ticket waits for.
 * - A run is needed if a person split the Issue from another one, or if the cascade in which it appeared is over.
 * - A run is needed if the count reaches a power of ten and no Ticket is open.
 * - No run is needed if a Ticket is open, because its run is under way, or if the Issue is suppressed, because a person
 *   decided that.
 * `archived` means that the Ticket was closed, and the Issue quiet, for so long that the Ticket left the ticket book.
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
  // An Event received before the Ticket closed says nothing about the Ticket's Fix.
  if (ticket?.state === "healed" && receivedAt > (closedAt ?? 0)) return "regression";
  const { suppressionEndedAt: end } = around;
  // Applies until a Ticket that was opened since has closed.
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
