import type { Autonomy } from "./service.ts";
import { isClosed, type Ticket } from "./ticket.ts";

/** Why an action that a person requested was refused. Nothing was changed. */
export interface ManualRefusal {
  code:
    | "busy"
    | "questionOpen"
    | "watched"
    | "healed"
    | "observeOnly"
    | "otherTicket"
    | "notFound"
    | "notOpen"
    | "notProposed"
    | "commit";
  message: string;
}

/** The result of a manual action. */
export type ManualResult = { kind: "done"; ticket: Ticket } | { kind: "refused"; refusal: ManualRefusal };

/**
 * Actions on tickets that people start themselves. Each one is audited with the person's name. If two run at once, one
 * is refused.
 */
export interface ManualActions {
  /** Starts work on a ticket at the planner, or on an Issue that has no ticket. `message`: guidance; "" for none. */
  start(ref: string, who: { by: string; message: string }): Promise<ManualResult>;
  /** Closes a ticket that has no Run in progress and no open question. Its Issues are suppressed for a time. */
  dismiss(ticketId: string, who: { by: string; message: string }): Promise<ManualResult>;
  /**
   * Records that a person applied the proposal. `commit`: the commit that contains it; null: search the branch for the
   * commit that matches.
   */
  applied(ticketId: string, what: { by: string; commit: string | null }): Promise<ManualResult>;
}

/** The facts that `startRefusal` decides by. */
export interface StartFacts {
  ticket: Ticket;
  /** The current autonomy level of the ticket. */
  level: Autonomy;
  /** Another open ticket on one of its Issues; null: none. */
  other: string | null;
}

/** Why a person cannot start work on the ticket; null when they can. */
export function startRefusal({ ticket, level, other }: StartFacts): ManualRefusal | null {
  const id = ticket.id.slice(0, 8);
  if (ticket.approval !== null) {
    const ways = ticket.approval.allowed.join(", ");
    return { code: "questionOpen", message: `Ticket ${id} asks a person: answer it first (${ways}).` };
  }
  if (ticket.state === "soaking")
    return {
      code: "watched",
      message: `The fix of ticket ${id} is live and being watched: wait for what comes of it.`,
    };
  if (ticket.state === "healed")
    return {
      code: "healed",
      message: `Ticket ${id} is healed. If it happens again, a new ticket is opened by itself.`,
    };
  // A ticket is `open` until its Run begins, and stays `open` at level `observe`. `startedBy` shows that a Run is
  // queued.
  const idle = isClosed(ticket.state) || (ticket.state === "open" && !isStartRequested(ticket));
  if (!idle) {
    const what = ticket.state === "open" ? "about to start" : ticket.state;
    return { code: "busy", message: `A run is under way on ticket ${id} (${what}). Nothing was started.` };
  }
  if (other !== null)
    return { code: "otherTicket", message: `Ticket ${other} is open on the same issue: look at that one.` };
  if (level !== "observe") return null;
  const how = `selfheal autonomy set ${ticket.service} assist`;
  return { code: "observeOnly", message: `${ticket.service} is in observe: nothing is worked on. Try: ${how}` };
}

/** Whether a person requested a Run that has not begun yet. */
export function isStartRequested({ startedBy = "" }: Ticket): boolean {
  return startedBy !== "";
}
