import { isDeepStrictEqual } from "node:util";
import type { ApprovalDecision, ApprovalRequest } from "../domain/approval.ts";
import { type AnswerResult, type AskedQuestion, notOpen, type Refusal, refusalOf } from "../domain/decisionResult.ts";
import { messageOf } from "../domain/errors.ts";
import type { AuditLog } from "../domain/ports/auditLog.ts";
import type { Clock } from "../domain/ports/clock.ts";
import type { RunStarter } from "../domain/ports/runStarter.ts";
import type { TicketBook } from "../domain/ports/ticketBook.ts";
import type { Ticket } from "../domain/ticket.ts";
import { approvalStep } from "../domain/twoPersonRule.ts";

/** What `answerTicket` needs. */
export interface AnswerDeps {
  tickets: TicketBook;
  audit: AuditLog;
  starter: Pick<RunStarter, "resume">;
  clock: Clock;
  /** Whether the service has the two-person rule. */
  twoPersonRule: (service: string) => boolean;
}

/**
 * Answers the open question of a ticket. The answer is durable on the ticket before the Run is resumed. If two people
 * answer at once, one answer is accepted; the other is refused with the name of the person who was first. `meant`:
 * answer only this question.
 */
export async function answerTicket(
  deps: AnswerDeps,
  ticketId: string,
  decision: ApprovalDecision,
  meant?: AskedQuestion,
): Promise<AnswerResult> {
  const { tickets, audit, starter } = deps;
  const claim = await claimQuestion(deps, ticketId, { decision, meant });
  if (claim.kind === "refused") return claim;
  if (claim.kind === "first") {
    await audit.append({
      kind: "approval.seconded",
      actor: `person:${decision.by}`,
      ticketId,
      facts: { patchDigest: claim.ticket.approval?.patchDigest ?? null, needs: claim.needs },
    });
    return claim;
  }
  const { request, ticket } = claim;
  try {
    await audit.append({
      kind: "approval.answered",
      actor: `person:${decision.by}`,
      ticketId,
      facts: {
        question: request.kind,
        askedAt: request.askedAt,
        answer: decision.type,
        patchDigest: request.patchDigest,
        ...(decision.message === "" ? {} : { message: decision.message }),
      },
    });
    await starter.resume(ticketId, decision);
    return { kind: "accepted", ticket };
  } catch (cause) {
    const after = await reopenQuestion(tickets, ticketId, request, decision);
    // Another answer reached the Run first, and the Run then found this answer on the ticket and used it.
    if (after.approval === null && isDeepStrictEqual(after.decisions.at(-1), decision))
      return { kind: "accepted", ticket: after };
    await audit.append({ kind: "approval.reopened", actor: "system", ticketId, facts: { cause: messageOf(cause) } });
    return {
      kind: "undelivered",
      message: `The run could not be told: ${messageOf(cause)}. The question is open again.`,
    };
  }
}

type Claim =
  | { kind: "claimed"; request: ApprovalRequest; ticket: Ticket }
  | { kind: "first"; ticket: Ticket; needs: string }
  | { kind: "refused"; refusal: Refusal };

/**
 * Closes the question and records the answer in one atomic update. This update decides which of several answers wins.
 */
async function claimQuestion(
  { tickets, clock, twoPersonRule }: AnswerDeps,
  ticketId: string,
  { decision, meant }: { decision: ApprovalDecision; meant: AskedQuestion | undefined },
): Promise<Claim> {
  const found: { request: ApprovalRequest | null; refusal: Refusal | null; needs: string | null } = {
    request: null,
    refusal: null,
    needs: null,
  };
  const ticket = await tickets.update(ticketId, (current) => {
    found.refusal = refusalOf(current, decision, meant);
    found.request = current.approval;
    if (found.refusal !== null) return {};
    const step = approvalStep(current, decision, twoPersonRule(current.service));
    const updatedAt = clock.now();
    switch (step.kind) {
      case "refused":
        found.refusal = step.refusal;
        return {};
      case "first":
        found.needs = step.needs;
        return { approval: step.approval, updatedAt };
      case "decides":
        return { approval: null, decisions: [...current.decisions, decision], updatedAt };
    }
  });
  if (found.needs !== null) return { kind: "first", ticket, needs: found.needs };
  return settled(ticket, found.request, found.refusal);
}

function settled(ticket: Ticket, request: ApprovalRequest | null, refusal: Refusal | null): Claim {
  if (refusal !== null) return { kind: "refused", refusal };
  return request === null ? { kind: "refused", refusal: notOpen(ticket) } : { kind: "claimed", request, ticket };
}

/** Reopens the question, unless the Run has continued. */
async function reopenQuestion(
  tickets: TicketBook,
  ticketId: string,
  request: ApprovalRequest,
  decision: ApprovalDecision,
): Promise<Ticket> {
  return tickets.update(ticketId, (current) =>
    isWaiting(current) && current.approval === null && isDeepStrictEqual(current.decisions.at(-1), decision)
      ? { approval: request, decisions: current.decisions.slice(0, -1) }
      : {},
  );
}

function isWaiting({ state }: Ticket): boolean {
  return state === "awaitingApproval" || state === "escalated";
}
