import { messageOf } from "../domain/errors.ts";
import type { Log, RunStarter, TicketBook } from "../domain/ports.ts";

/**
 * Hands on the answers that were written on a ticket when the process ended before the run got them. Such a ticket still
 * waits, holds no open question, and has an answer. Answering a run that is not asking is refused, and does nothing.
 */
export async function resumeClaimed(tickets: TicketBook, resumeNow: RunStarter["resume"], log: Log): Promise<void> {
  for (const ticket of await tickets.list({ open: true })) {
    const waits = ticket.state === "awaitingApproval" || ticket.state === "escalated";
    const answer = ticket.decisions.at(-1);
    if (!waits || ticket.approval !== null || answer === undefined) continue;
    try {
      await resumeNow(ticket.id, answer);
    } catch (error) {
      log.info("an answer had arrived before", { ticket: ticket.id, reason: messageOf(error) });
    }
  }
}
