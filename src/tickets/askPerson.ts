import type { ApprovalRequest } from "../domain/approval.ts";
import type { Notifier } from "../domain/ports/notifier.ts";
import { subjectOf } from "../domain/subject.ts";
import type { Ticket } from "../domain/ticket.ts";
import { changeTicket } from "./change.ts";
import type { TicketDeps } from "./deps.ts";

export type AskPersonDeps = Pick<TicketDeps, "tickets" | "clock" | "wakeUps" | "audit" | "log"> & {
  notifier: Notifier;
  /** Milliseconds until a person is reminded of an open question. */
  escalationTimeoutMs: () => number;
};

/**
 * Stores the ApprovalRequest on the ticket, audits it, sets the wake-up of the reminder, and notifies people. It does not
 * interrupt: the next node does.
 */
export async function askPerson(deps: AskPersonDeps, ticket: Ticket, request: ApprovalRequest): Promise<void> {
  const state = request.kind === "escalate" ? "escalated" : "awaitingApproval";
  const reason = request.reasons.join("; ").slice(0, 4000);
  const asked = await changeTicket(deps, ticket.id, ({ approval }) => {
    // A node that runs twice keeps the time of its first request, so links that were sent in between stay valid.
    const again = approval?.kind === request.kind && approval.patchDigest === request.patchDigest;
    const askedAt = again ? approval.askedAt : request.askedAt;
    return { state, approval: { ...request, askedAt }, reason, closedAt: null };
  });
  await deps.audit.append({
    kind: request.kind === "escalate" ? "ticket.escalated" : "approval.asked",
    actor: "system",
    ticketId: ticket.id,
    facts: {
      kind: request.kind,
      patch: request.patchDigest,
      reasons: request.reasons,
      allowed: request.allowed,
      ...(request.branch !== undefined && { branch: request.branch }),
    },
  });
  const dueAt = deps.clock.now() + deps.escalationTimeoutMs();
  await deps.wakeUps.set({ ticketId: ticket.id, kind: "remind", dueAt });
  try {
    await deps.notifier.notify({
      key: questionKey(ticket, request),
      kind: request.kind === "escalate" ? "escalated" : "asked",
      ticketId: ticket.id,
      title: subjectOf(ticket),
      text: [
        reason,
        ...(request.branch === undefined ? [] : [`It is on branch ${request.branch}.`]),
        `The exception says: “${ticket.title}”`,
      ]
        .join("\n")
        .slice(0, 4000),
      request: asked.approval,
    });
  } catch {
    // Notifications are best effort: the request itself is stored.
    deps.log.warn("a notification could not be sent", { ticket: ticket.id });
  }
}

/** Key of the notification: the same if the node runs again, and a new one after each answer. */
export function questionKey(ticket: Ticket, request: ApprovalRequest): string {
  return ["question", ticket.id, request.kind, request.patchDigest ?? "-", ticket.decisions.length].join(" ");
}
