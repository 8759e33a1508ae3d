import type { Clock } from "../../domain/ports/clock.ts";
import type { Ticket } from "../../domain/ticket.ts";

/** Far longer than any one step takes, also on a machine that is ten times as busy as it can be. */
const STANDSTILL_MS = 300_000;

/** Watches whether there is headway: a ticket that is opened, or changed in anything. */
export interface StallDetector {
  look(tickets: readonly Pick<Ticket, "id" | "updatedAt">[]): void;
  /** Why there is nothing more to wait for, in words; null while there is headway. */
  standstill(): string | null;
}

/** The time counts from the last headway, not from the start: a slow machine that gets on is given the time it needs. */
export function createStallDetector(clock: Clock): StallDetector {
  let seen = "";
  let lastHeadwayAt = clock.now();
  return {
    look(tickets) {
      const now = tickets
        .map(({ id, updatedAt }) => `${id} ${updatedAt}`)
        .sort()
        .join();
      if (now !== seen) lastHeadwayAt = clock.now();
      seen = now;
    },
    standstill() {
      if (clock.now() - lastHeadwayAt <= STANDSTILL_MS) return null;
      return `No ticket was opened or changed for ${STANDSTILL_MS / 60_000} minutes: the demo ends here.`;
    },
  };
}
