import type { Autonomy } from "./service.ts";
import { isClosed, type Ticket } from "./ticket.ts";

/** Why something that a person wants done by hand is not done; nothing was changed. */
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

/** What became of it. */
export type ManualResult = { kind: "done"; ticket: Ticket } | { kind: "refused"; refusal: ManualRefusal };

/** What people do with a ticket without being asked. Each is audited with who did it; of two at once, one is refused. */
export interface ManualActions {
  /** Starts work on a ticket at the planner, or on an Issue that has none. `message`: guidance; "" for none. */
  start(ref: string, who: { by: string; message: string }): Promise<ManualResult>;
  /** Closes a ticket that nobody works on and nothing is asked about; its Issues are left alone for a time. */
  dismiss(ticketId: string, who: { by: string; message: string }): Promise<ManualResult>;
  /** Says that a proposal was applied. `commit`: which one it is; null: the one on the branch that fits. */
  applied(ticketId: string, what: { by: string; commit: string | null }): Promise<ManualResult>;
}

/** What is known about a ticket that a person wants worked on. */
export interface StartFacts {
  ticket: Ticket;
  /** The level that counts for it now. */
  level: Autonomy;
  /** Another open ticket on one of its Issues. */
  other: string | null;
}

/** Why work on a ticket cannot be started by hand; null when it can. */
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
  // A ticket is `open` until its run begins, and stays so with `observe`: a run in its queue is seen by `startedBy`.
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

/** Whether a person started it by hand, and its run has not begun. */
export function isStartRequested({ startedBy = "" }: Ticket): boolean {
  return startedBy !== "";
}
