import type { Clock } from "../../domain/ports/clock.ts";
import type { Settings } from "../../domain/ports/settings.ts";
import type { TicketBook } from "../../domain/ports/ticketBook.ts";
import type { TicketState } from "../../domain/ticket.ts";

/** Milliseconds after which a turn that nobody ended is free again. */
const LONGEST_TURN_MS = 600_000;

/** A ticket in one of these states is on its way to production; in any other its turn is over. */
const ON_THE_WAY: readonly TicketState[] = ["coding", "testing", "reviewing", "deploying"];

/**
 * Whose patch goes next on a service. Every deployment moves the base, and a patch whose base moved is ported and tested
 * again: without turns, n tickets that wait for each other test about n²/2 times; with them, n times.
 */
export interface DeployTurns {
  /** Takes the turn, or returns the ticket that has it. The journal's slot, not this, keeps deployments apart. */
  take(service: string, ticketId: string): Promise<{ kind: "mine" } | { kind: "taken"; by: string }>;
}

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
