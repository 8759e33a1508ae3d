import type { DecisionType } from "../../domain/approval.ts";
import type { Ticket } from "../../domain/ticket.ts";
import { answerButton, QUESTIONS } from "./approvalForm.ts";
import { changeSummary } from "./diffView.ts";
import { type Html, html, NOTHING } from "./html.ts";
import { badge, bulletList, moment, short } from "./htmlParts.ts";
import { GRADE_WORDS, SEVERITY_WORDS } from "./labels.ts";
import { bareDocument } from "./layout.ts";

/**
 * The answers that a link allows. An edit contains code, and a takeover publishes a branch, so both need a person with
 * a session.
 */
export const LINK_ANSWERS: readonly DecisionType[] = ["approve", "reject", "guide", "dismiss"];

const NOINDEX = html`<meta name="robots" content="noindex, nofollow">`;

export interface QuestionPage {
  ticket: Ticket;
  recipient: string;
  expiresAt: number;
  now: number;
  /** Why the last attempt to answer failed; null if none failed. */
  fault: string | null;
}

/**
 * The question, the facts, the size of the diff, and the answers. The page contains no code, no Event payload and no
 * secret.
 */
export function questionPage({ ticket, recipient, expiresAt, now, fault }: QuestionPage): Html {
  const request = ticket.approval;
  if (request === null) return notePage("Nothing is asked", "Nobody is asked about this ticket.");
  const answers = request.allowed.filter((type) => LINK_ANSWERS.includes(type));
  return frame(
    "A question",
    html`<h1>${QUESTIONS[request.kind]}</h1>
      ${fault === null ? NOTHING : html`<p class="banner bad" role="status">${fault}</p>`}
      <div class="card waiting">
        <p><strong>${ticket.title}</strong></p>
        <p class="badges">${badge(SEVERITY_WORDS[ticket.severity])} <span class="muted">${ticket.service} · ticket ${short(ticket.id)} · asked ${moment(request.askedAt, now)}</span></p>
        ${request.reasons.length === 0 ? NOTHING : html`<p>Why you are asked:</p>${bulletList(request.reasons)}`}
        ${patchFacts(ticket)}
        <form method="post" class="answer">
          <label for="message">${answers.includes("guide") ? "Guidance or reason" : "Reason (optional)"}</label>
          <textarea id="message" name="message" rows="2" maxlength="4000"></textarea>
          <div class="buttons">${answers.map(answerButton)}</div>
        </form>
        <p class="muted">You answer as ${recipient}. The link works once, until ${moment(expiresAt, now)}.
          The whole diff is on <a href="/tickets/${ticket.id}">the ticket's page</a>, for people who sign in.</p>
      </div>`,
  );
}

/** A page with a message only. */
export function notePage(title: string, text: string): Html {
  return frame(title, html`<h1>${title}</h1><p>${text}</p>`);
}

function patchFacts({ patch, evidence, plan }: Ticket): Html {
  if (patch === null) return plan === null ? NOTHING : html`<p>Planned: ${plan.rootCause}</p>${bulletList(plan.files)}`;
  return html`<p>Patch <code title="${patch.digest}">${patch.digest.slice(0, 12)}</code>: ${changeSummary(patch)}
      ${evidence === null ? NOTHING : html`· evidence ${badge(GRADE_WORDS[evidence.grade])} ${GRADE_WORDS[evidence.grade].meaning}`}</p>
    ${bulletList(patch.files)}`;
}

function frame(title: string, body: Html): Html {
  return bareDocument(title, html`<main>${body}</main>`, NOINDEX);
}
