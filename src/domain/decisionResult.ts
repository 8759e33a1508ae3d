import type { ApprovalDecision, ApprovalKind, ApprovalRequest } from "./approval.ts";
import type { Ticket } from "./ticket.ts";

/** Why an answer was refused. */
export interface Refusal {
  code:
    | "notAsked"
    | "alreadyAnswered"
    | "otherQuestion"
    | "notAllowed"
    | "otherPatch"
    | "digestNeeded"
    | "secondApprover";
  message: string;
}

/** The result of an answer, whichever channel it came through. */
export type AnswerResult =
  | { kind: "accepted"; ticket: Ticket }
  /** It was one of two approvals; the question stays open. `needs`: who must still approve, and why. */
  | { kind: "first"; ticket: Ticket; needs: string }
  | { kind: "refused"; refusal: Refusal }
  /** The Run could not be resumed; the question is open again. */
  | { kind: "undelivered"; message: string };

/**
 * Identifies the question of a ticket that an answer is for. Two questions about the same Patch differ in `askedAt`.
 */
export interface AskedQuestion {
  kind: ApprovalKind;
  /** Milliseconds since the epoch. */
  askedAt: number;
}

/** Whether the open question is the one that the answer is for. */
export function isSameQuestion(open: ApprovalRequest | null, meant: AskedQuestion): boolean {
  return open !== null && open.kind === meant.kind && open.askedAt === meant.askedAt;
}

/**
 * Why `decision` cannot answer the open question of the ticket; null when it can. Every way to answer uses this one
 * rule.
 */
export function refusalOf(ticket: Ticket, decision: ApprovalDecision, meant?: AskedQuestion): Refusal | null {
  const { approval } = ticket;
  if (approval === null) return notOpen(ticket);
  if (meant !== undefined && !isSameQuestion(approval, meant))
    return { code: "otherQuestion", message: "That question is not open any more; another one is. Read it first." };
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

/** The refusal for an answer when no question is open. It names the person who answered last, if anybody did. */
export function notOpen(ticket: Ticket): Refusal {
  const last = ticket.decisions.at(-1);
  return last === undefined
    ? { code: "notAsked", message: "Nobody is asked about this ticket." }
    : { code: "alreadyAnswered", message: `Already answered: ${last.by} said ${last.type}.` };
}
