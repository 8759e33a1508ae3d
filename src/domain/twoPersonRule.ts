import type { ApprovalDecision, ApprovalRequest } from "./approval.ts";
import type { Refusal } from "./decisionResult.ts";
import type { Ticket } from "./ticket.ts";

/** What one answer does to an open question under the two-person rule. */
export type ApprovalStep =
  /** It decides, as without the rule. */
  | { kind: "decides" }
  /** It is one of two approvals. The question stays open as `approval`. */
  | { kind: "first"; approval: ApprovalRequest; needs: string }
  | { kind: "refused"; refusal: Refusal };

/**
 * What `decision` does, if the service has the rule (`services[].twoPersonRule`). Whoever started, guided or edited this
 * work approves its deployment only together with somebody else; a patch with a finding `protectedPath` always needs two
 * people. One person who approves twice is one person. An answer link shows who was written to, not who answers, so it
 * approves nothing here. Every other answer decides at once.
 */
export function approvalStep(ticket: Ticket, decision: ApprovalDecision, hasRule: boolean): ApprovalStep {
  const { approval } = ticket;
  if (!hasRule || approval?.kind !== "approveDeploy" || decision.type !== "approve") return { kind: "decides" };
  if (isLink(decision.by))
    return {
      kind: "refused",
      refusal: { code: "secondApprover", message: "This service has the two-person rule: sign in to approve." },
    };
  const approvers = distinct([...(approval.approvedBy ?? []), decision.by]);
  const involved = new Set(contributorsOf(ticket).map(person));
  const alone = approvers.every((name) => involved.has(person(name)));
  const isProtected = touchesProtectedPaths(ticket);
  if (approvers.length >= (alone || isProtected ? 2 : 1)) return { kind: "decides" };
  const why = isProtected ? "the patch touches protected paths" : `${decision.by} started, guided or edited this work`;
  const needs = `Approved by ${approvers.join(", ")}. One more person must approve: ${why}.`;
  return { kind: "first", approval: { ...approval, approvedBy: approvers }, needs };
}

/** Everybody who started, guided or edited the work on the ticket. */
function contributorsOf({ contributors = [], decisions, patch }: Ticket): string[] {
  const said = decisions.flatMap(({ type, by }) => (type === "guide" || type === "edit" ? [by] : []));
  const wrote = patch?.by.startsWith("person:") ? [patch.by.slice("person:".length)] : [];
  return [...contributors, ...said, ...wrote];
}

function touchesProtectedPaths({ review, patch }: Ticket): boolean {
  // Without a review of this very patch nobody knows.
  if (review === null || review.patchDigest !== patch?.digest) return true;
  return review.findings.some(({ rule }) => rule === "protectedPath");
}

function distinct(names: readonly string[]): string[] {
  return [...new Map(names.map((name) => [person(name), name])).values()];
}

function person(name: string): string {
  return name.trim().toLowerCase();
}

function isLink(by: string): boolean {
  return by.endsWith(" (link)") || by.startsWith("answer link");
}
