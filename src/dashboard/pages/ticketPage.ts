import type { CapturedEvent } from "../../domain/event.ts";
import { receiptOf } from "../../domain/receipt.ts";
import { describeCost, type TicketCost } from "../../domain/spend.ts";
import type { Ticket } from "../../domain/ticket.ts";
import type { Session } from "../access/sessions.ts";
import type { TicketReceipt } from "../readTicketReceipt.ts";
import { approvalForm } from "./approvalForm.ts";
import { patchView } from "./diffView.ts";
import { evidenceView } from "./evidenceView.ts";
import { exceptionView } from "./exceptionView.ts";
import { type Html, html, NOTHING } from "./html.ts";
import { badge, moment, plural, prose, section, short } from "./htmlParts.ts";
import { issueTable } from "./issuesView.ts";
import { SEVERITY_WORDS, STATE_WORDS } from "./labels.ts";
import { manualActionForm } from "./manualActionForm.ts";
import { planView } from "./planView.ts";
import { receiptView } from "./receiptView.ts";
import { activityView } from "./recentEventsView.ts";
import { deploymentView, gateView, reviewView } from "./safetyView.ts";
import { attemptsView, decisionsView, timelineView } from "./timelineView.ts";

export interface TicketPage {
  receipt: TicketReceipt;
  /** The newest stored Event of the ticket; null if there is none. */
  sample: CapturedEvent | null;
  session: Session | null;
  now: number;
}

/** A ticket as a receipt: first the question, then the exception, the Evidence and the decisions. */
export function ticketBody({ receipt, sample, session, now }: TicketPage): Html {
  const { ticket, issues, diff, deployment, audit, cost, activity } = receipt;
  const request = ticket.approval;
  return html`${head(ticket, cost, now)}
    ${request === null ? NOTHING : section("question", "Waiting for you", html`<div class="card waiting">${approvalForm({ ticket, request, session, now, from: "ticket" })}</div>`)}
    ${session === null ? NOTHING : manualActionForm(ticket, session)}
    ${section("exception", "What happened", html`<div class="card">${issueTable(issues, now)}${activityView(activity, now)}${aroundIt(ticket)}${sample === null ? NOTHING : exceptionView(sample)}</div>`)}
    ${ticket.plan === null ? NOTHING : section("plan", "Root cause and plan", planView(ticket.plan))}
    ${ticket.patch === null ? NOTHING : section("patch", "Patch", html`<div class="card">${onBranch(ticket)}${patchView(ticket.patch, diff)}</div>`)}
    ${ticket.evidence === null ? NOTHING : section("evidence", "Evidence", html`<div class="card">${evidenceView(ticket.evidence)}</div>`)}
    ${ticket.plan === null ? NOTHING : section("receipt", "Receipt", receiptView(receiptOf(ticket, { deployment, cost })))}
    ${ticket.review === null ? NOTHING : section("review", "Security review", reviewView(ticket.review))}
    ${ticket.gate === null ? NOTHING : section("gate", "Gate", gateView(ticket.gate, now))}
    ${deployment === null ? NOTHING : section("deployment", "Deployment", deploymentView(deployment, now))}
    ${ticket.attempts.length === 0 ? NOTHING : section("attempts", "Attempts", attemptsView(ticket.attempts))}
    ${ticket.decisions.length === 0 ? NOTHING : section("decisions", "What people said", decisionsView(ticket.decisions))}
    ${section("timeline", "Timeline", timelineView(audit, now))}`;
}

/** The origin by distributed traces, and the Issues that appeared in the same burst. */
function aroundIt({ service, origin, cascade = [] }: Ticket): Html {
  return html`${cascade.length === 0 ? NOTHING : html`<p>One incident: ${plural(cascade.length, "more issue")} came up with it in one burst, and wait for this ticket.</p>`}
    ${origin === undefined ? NOTHING : html`<p>Origin, by distributed traces: ${origin.service === service ? "this service" : html`service ${origin.service}`}, issue <code>${origin.issueId}</code>.</p>`}`;
}

function onBranch({ prepared }: Ticket): Html {
  if (prepared === undefined) return NOTHING;
  return html`<p>On branch <code>${prepared.branch}</code>, commit <code>${prepared.commit.slice(0, 12)}</code>.</p>`;
}

function head(ticket: Ticket, cost: TicketCost, now: number): Html {
  return html`<nav aria-label="Breadcrumb"><a href="/">Overview</a> <span aria-hidden="true">/</span> <span>Ticket ${short(ticket.id)}</span></nav>
    <h1>${ticket.title}</h1>
    <p class="badges">${badge(SEVERITY_WORDS[ticket.severity])} ${badge(STATE_WORDS[ticket.state])}
      <span class="muted">${ticket.service} · opened ${moment(ticket.openedAt, now)} · trust ${ticket.trustTier}${ticket.corroborated ? ", corroborated" : ""}${cost.tokens > 0 ? ` · ${describeCost(cost)}` : ""}</span></p>
    ${ticket.reason === "" ? NOTHING : html`<p class="reason">${prose(ticket.reason)}</p>`}`;
}
