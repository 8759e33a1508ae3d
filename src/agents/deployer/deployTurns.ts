import type { Clock } from "../../domain/ports/clock.ts";
import type { Settings } from "../../domain/ports/settings.ts";
import type { TicketBook } from "../../domain/ports/ticketBook.ts";
import type { TicketState } from "../../domain/ticket.ts";

/** Milliseconds after which a turn that nobody ended expires. */
const LONGEST_TURN_MS = 600_000;

/** Ticket states on the way to production; in any other state the ticket's turn is over. */
const ON_THE_WAY: readonly TicketState[] = ["coding", "testing", "reviewing", "deploying"];

/**
 * Decides whose Patch is deployed next on a service. Every deployment moves the base, and a Patch whose base moved is
 * ported and tested again. Without turns, n waiting tickets test about n²/2 times; with turns, n times.
 */
export interface DeployTurns {
  /**
   * Takes the turn, or returns the ticket that has it. It is the journal's slot, not the turn, that keeps deployments
   * apart.
   */
  take(service: string, ticketId: string): Promise<{ kind: "mine" } | { kind: "taken"; by: string }>;
}

/** Keeps the turn of each service in the settings, so that it survives a restart. */
export function createDeployTurns(deps: { settings: Settings; tickets: TicketBook; clock: Clock }): DeployTurns {
  return {
    async take(service, ticketId) {
      const key = `turn:${service}`;
      const now = deps.clock.now();
      const [holder, until] = ((await deps.settings.get(key)) ?? "").split(" ");
      if (holder !== undefined && holder !== "" && holder !== ticketId && now < Number(until)) {
        const ticket = await deps.tickets.get(holder);
        if (ticket !== null && ON_THE_WAY.includes(ticket.state)) return { kind: "taken", by: holder };
      }
      if (holder !== ticketId) await deps.settings.set(key, `${ticketId} ${now + LONGEST_TURN_MS}`);
      return { kind: "mine" };
    },
  };
}
