import type { ApprovalRequest, DecisionType } from "../../domain/approval.ts";
import type { Ticket } from "../../domain/ticket.ts";
import type { Session } from "../access/sessions.ts";
import { changeSummary } from "./diffView.ts";
import { type Html, html, NOTHING } from "./html.ts";
import { badge, bulletList, moment } from "./htmlParts.ts";
import { DECISION_WORDS, GRADE_WORDS } from "./labels.ts";
import { csrfField } from "./layout.ts";

/** The question that people read, by its kind. */
export const QUESTIONS: Record<ApprovalRequest["kind"], string> = {
  approvePlan: "Go on with this plan?",
  approveDeploy: "Deploy this patch?",
  escalate: "selfheal is stuck and needs you.",
};

export interface ApprovalFormInput {
  ticket: Ticket;
  request: ApprovalRequest;
  session: Session | null;
  now: number;
  /** The page to which the person returns. */
  from: "overview" | "ticket";
}

/**
 * The open question of a ticket and its possible answers. An answer contains the digest of the Patch that was shown.
 */
export function approvalForm({ ticket, request, session, now, from }: ApprovalFormInput): Html {
  return html`<p class="question">${QUESTIONS[request.kind]} <span class="muted">Asked ${moment(request.askedAt, now)}.</span></p>
    ${request.reasons.length === 0 ? NOTHING : html`<div class="why"><p>Why you are asked:</p>${bulletList(request.reasons)}</div>`}
    ${request.approvedBy === undefined ? NOTHING : html`<p>Approved by ${request.approvedBy.join(", ")}. One more person must approve.</p>`}
    ${request.branch === undefined ? NOTHING : html`<p>It is on branch <code>${request.branch}</code>.</p>`}
    ${from === "ticket" ? readFirst(ticket) : NOTHING}
    ${session === null ? NOTHING : form(ticket, request, session, from)}`;
}

/** On the ticket page: links to what a person should read before the answer. */
function readFirst({ patch, evidence }: Ticket): Html {
  if (patch === null) return NOTHING;
  return html`<p>Read first: <a href="#patch">the patch</a> (${changeSummary(patch)})${
    evidence === null
      ? NOTHING
      : html` and <a href="#evidence">the evidence</a> (${badge(GRADE_WORDS[evidence.grade])})`
  }.</p>`;
}

function form(ticket: Ticket, request: ApprovalRequest, session: Session, from: "overview" | "ticket"): Html {
  const field = `message-${ticket.id}`;
  return html`<form method="post" action="/tickets/${ticket.id}/decision" class="answer">
    ${csrfField(session)}
    <input type="hidden" name="from" value="${from}">
    ${request.patchDigest === null ? NOTHING : html`<input type="hidden" name="patchDigest" value="${request.patchDigest}">`}
    <label for="${field}">${request.allowed.includes("guide") ? "Guidance or reason" : "Reason (optional)"}</label>
    <textarea id="${field}" name="message" rows="${from === "ticket" ? 2 : 1}" maxlength="4000"></textarea>
    <div class="buttons">${request.allowed.filter(offered).map(answerButton)}</div>
  </form>`;
}

/**
 * Whether the form offers this answer. An edited diff is accepted only through the API, because a text box silently
 * changes line ends.
 */
function offered(type: DecisionType): boolean {
  return type !== "edit";
}

/** The button for one answer. */
export function answerButton(type: DecisionType): Html {
  const look = type === "approve" || type === "guide" ? "primary" : type === "reject" ? "danger" : "plain";
  return html`<button name="type" value="${type}" class="${look}">${DECISION_WORDS[type].button}</button>`;
}
