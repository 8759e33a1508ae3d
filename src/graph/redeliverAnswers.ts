import { isDeepStrictEqual } from "node:util";
import type { ApprovalDecision } from "../domain/approval.ts";
import { messageOf } from "../domain/errors.ts";
import type { Log } from "../domain/ports/log.ts";
import type { RunStarter } from "../domain/ports/runStarter.ts";
import type { TicketBook } from "../domain/ports/ticketBook.ts";
import type { Ticket } from "../domain/ticket.ts";

/**
 * Whether an answer that was claimed on the ticket may still be delivered to its run. An answer that arrives while the
 * process starts is delivered twice: by the channel that took it and by the start. The slower delivery must not reach
 * the next question.
 */
export function isAnswerPending(
  ticket: Pick<Ticket, "approval" | "decisions"> | null,
  decision: ApprovalDecision,
): boolean {
  return ticket !== null && ticket.approval === null && isDeepStrictEqual(ticket.decisions.at(-1), decision);
}

/**
 * Delivers the answers that were claimed on a ticket when the process ended before the run received them. Such a ticket
 * is in a waiting state, has no open question, and has an answer. Answering a run that has no open question is refused
 * and does nothing.
 */
export async function redeliverAnswers(tickets: TicketBook, resumeNow: RunStarter["resume"], log: Log): Promise<void> {
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
