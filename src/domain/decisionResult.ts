import type { ApprovalDecision, ApprovalKind, ApprovalRequest } from "./approval.ts";
import type { Ticket } from "./ticket.ts";

/** Why an answer was not taken. */
export interface Refusal {
  code: "notAsked" | "alreadyAnswered" | "otherQuestion" | "notAllowed" | "otherPatch" | "digestNeeded";
  message: string;
}

/** What became of an answer, by whatever way it came. */
export type AnswerResult =
  | { kind: "accepted"; ticket: Ticket }
  | { kind: "refused"; refusal: Refusal }
  /** The run could not be reached; the question is open again. */
  | { kind: "undelivered"; message: string };

/** Which question of a ticket somebody means, where they say so: two about the same patch differ in when they were asked. */
export interface AskedQuestion {
  kind: ApprovalKind;
  /** Milliseconds since the epoch. */
  askedAt: number;
}

/** Whether an open question is the one that is meant. */
export function isSameQuestion(open: ApprovalRequest | null, meant: AskedQuestion): boolean {
  return open !== null && open.kind === meant.kind && open.askedAt === meant.askedAt;
}

/** Why `decision` cannot answer what is open on the ticket; null when it can. The one rule for every way to answer. */
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

/** What somebody hears who answers when nothing is asked: who was faster, if anybody was. */
export function notOpen(ticket: Ticket): Refusal {
  const last = ticket.decisions.at(-1);
  return last === undefined
    ? { code: "notAsked", message: "Nobody is asked about this ticket." }
    : { code: "alreadyAnswered", message: `Already answered: ${last.by} said ${last.type}.` };
}
