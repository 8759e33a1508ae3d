import { isDeepStrictEqual } from "node:util";
import type { ApprovalDecision, ApprovalRequest } from "../domain/approval.ts";
import { messageOf } from "../domain/errors.ts";
import type { AuditLog, Clock, RunStarter, TicketBook } from "../domain/ports.ts";
import type { Ticket } from "../domain/ticket.ts";

/** Why an answer was not taken. */
interface Refusal {
  code: "notAsked" | "alreadyAnswered" | "notAllowed" | "otherPatch" | "digestNeeded";
  message: string;
}

export type AnswerResult =
  | { kind: "accepted"; ticket: Ticket }
  | { kind: "refused"; refusal: Refusal }
  /** The run could not be reached; the question is open again. */
  | { kind: "undelivered"; message: string };

export interface AnswerDeps {
  tickets: TicketBook;
  audit: AuditLog;
  starter: RunStarter;
  clock: Clock;
}

/**
 * Takes a person's answer to a ticket's open question. The answer is on the ticket, durably, before the run is told, so
 * that of two people who answer at once one wins and the other hears who did.
 */
export async function answerTicket(
  { tickets, audit, starter, clock }: AnswerDeps,
  ticketId: string,
  decision: ApprovalDecision,
): Promise<AnswerResult> {
  const claim = await claimQuestion(tickets, ticketId, decision, clock.now());
  if (claim.kind === "refused") return claim;
  const { request, ticket } = claim;
  try {
    await audit.append({
      kind: "approval.answered",
      actor: `person:${decision.by}`,
      ticketId,
      facts: {
        question: request.kind,
        answer: decision.type,
        patchDigest: request.patchDigest,
        ...(decision.message === "" ? {} : { message: decision.message }),
      },
    });
    await starter.resume(ticketId, decision);
    return { kind: "accepted", ticket };
  } catch (cause) {
    await reopenQuestion(tickets, ticketId, request, decision);
    await audit.append({ kind: "approval.reopened", actor: "system", ticketId, facts: { cause: messageOf(cause) } });
    return {
      kind: "undelivered",
      message: `The run could not be told: ${messageOf(cause)}. The question is open again.`,
    };
  }
}

/** Why `decision` cannot answer what is open on the ticket; null when it can. */
function refusalOf(ticket: Ticket, decision: ApprovalDecision): Refusal | null {
  const { approval } = ticket;
  if (approval === null) return notOpen(ticket);
  if (!approval.allowed.includes(decision.type)) {
    return {
      code: "notAllowed",
      message: `${decision.type} is no answer to this question; possible: ${approval.allowed.join(", ")}.`,
    };
  }
  if (decision.patchDigest === undefined) {
    const blind = approval.patchDigest !== null && (decision.type === "approve" || decision.type === "edit");
    return blind
      ? { code: "digestNeeded", message: `Say which patch you mean: patchDigest ${approval.patchDigest}.` }
      : null;
  }
  return decision.patchDigest === approval.patchDigest
    ? null
    : {
        code: "otherPatch",
        message: `The question is about patch ${approval.patchDigest ?? "(none)"} now, not that one.`,
      };
}

function notOpen(ticket: Ticket): Refusal {
  const last = ticket.decisions.at(-1);
  return last === undefined
    ? { code: "notAsked", message: "Nobody is asked about this ticket." }
    : { code: "alreadyAnswered", message: `Already answered: ${last.by} said ${last.type}.` };
}

type Claim = { kind: "claimed"; request: ApprovalRequest; ticket: Ticket } | { kind: "refused"; refusal: Refusal };

/** Closes the question in the same update that records the answer: the one atomic step that decides who won. */
async function claimQuestion(
  tickets: TicketBook,
  ticketId: string,
  decision: ApprovalDecision,
  now: number,
): Promise<Claim> {
  let request: ApprovalRequest | null = null;
  let refusal: Refusal | null = null;
  const ticket = await tickets.update(ticketId, (current) => {
    refusal = refusalOf(current, decision);
    request = current.approval;
    if (refusal !== null) return {};
    return { approval: null, decisions: [...current.decisions, decision], updatedAt: now };
  });
  return settled(ticket, request, refusal);
}

function settled(ticket: Ticket, request: ApprovalRequest | null, refusal: Refusal | null): Claim {
  if (refusal !== null) return { kind: "refused", refusal };
  return request === null ? { kind: "refused", refusal: notOpen(ticket) } : { kind: "claimed", request, ticket };
}

/** Puts the question back, unless the run went on after all and asks something else. */
async function reopenQuestion(
  tickets: TicketBook,
  ticketId: string,
  request: ApprovalRequest,
  decision: ApprovalDecision,
): Promise<void> {
  await tickets.update(ticketId, (current) =>
    current.approval === null && isDeepStrictEqual(current.decisions.at(-1), decision)
      ? { approval: request, decisions: current.decisions.slice(0, -1) }
      : {},
  );
}
