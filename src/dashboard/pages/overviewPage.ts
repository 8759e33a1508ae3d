import type { Issue } from "../../domain/issue.ts";
import type { TicketCounts } from "../../domain/ports/ticketBook.ts";
import { isClosed, Severity, type Ticket, TicketState } from "../../domain/ticket.ts";
import type { Session } from "../access/sessions.ts";
import { approvalForm } from "./approvalForm.ts";
import { changeSummary, diffTable } from "./diffView.ts";
import { type Html, html, NOTHING } from "./html.ts";
import { badge, moment, prose, section, short } from "./htmlParts.ts";
import { issuesByRootCause } from "./issuesView.ts";
import { GRADE_WORDS, SEVERITY_WORDS, STATE_WORDS, VERDICT_WORDS } from "./labels.ts";

export interface Overview {
  counts: TicketCounts;
  /** Tickets with an open question. */
  waiting: readonly Ticket[];
  /** All open tickets, and the newest closed tickets. */
  tickets: readonly Ticket[];
  /** The Issues that happened last (`issues`), and the tickets that they belong to (`causes`). */
  issues: readonly Issue[];
  causes: readonly Ticket[];
  /** Diffs of the tickets with an open question, by Patch digest. */
  diffs: ReadonlyMap<string, string>;
  /** The session of somebody who may answer for the service. */
  sessionFor: (service: string) => Session | null;
  now: number;
}

/** The first page: open questions, tickets, and Issues by root cause. */
export function overviewBody(overview: Overview): Html {
  const { counts, tickets, issues, causes, now } = overview;
  const waiting = overview.waiting.toSorted(bySeverity);
  return html`<h1 class="sr">Overview</h1>
    ${tiles(counts)}
    ${waiting.length === 0 ? NOTHING : section("waiting", "Waiting for you", html`${waiting.map((t) => waitingCard(t, overview))}`)}
    ${section(
      "tickets",
      "Tickets",
      ticketTable(
        tickets,
        sum(counts, () => true),
        now,
      ),
    )}
    ${section("issues", "Issues by root cause", issuesByRootCause(causes, issues, now))}`;
}

function bySeverity(a: Ticket, b: Ticket): number {
  return Severity.options.indexOf(a.severity) - Severity.options.indexOf(b.severity);
}

function sum({ states }: TicketCounts, which: (state: TicketState) => boolean): number {
  return TicketState.options.reduce((all, state) => all + (which(state) ? (states[state] ?? 0) : 0), 0);
}

function tiles(counts: TicketCounts): Html {
  const waiting = counts.asking;
  const healed = counts.states.healed ?? 0;
  const closed = sum(counts, isClosed);
  const underWay = sum(counts, (state) => !isClosed(state)) - waiting;
  const tile = (count: number, label: string, tone: string) =>
    html`<li class="tile ${count > 0 ? tone : ""}"><strong>${count}</strong><span>${label}</span></li>`;
  return html`<ul class="tiles" aria-label="Tickets at a glance">
    ${tile(waiting, "waiting for you", "wait")}${tile(underWay, "under way", "busy")}
    ${tile(healed, "healed", "good")}${tile(closed - healed, "closed otherwise", "quiet")}
  </ul>`;
}

function waitingCard(ticket: Ticket, { diffs, sessionFor, now }: Overview): Html {
  const request = ticket.approval;
  if (request === null) return NOTHING;
  const diff = request.patchDigest === null ? undefined : diffs.get(request.patchDigest);
  return html`<article class="card waiting" aria-labelledby="w-${ticket.id}">
    <p class="badges">${badge(SEVERITY_WORDS[ticket.severity])}
      ${ticket.evidence === null ? NOTHING : badge(GRADE_WORDS[ticket.evidence.grade], GRADE_WORDS[ticket.evidence.grade].meaning)}
      <span class="muted">${ticket.service}</span></p>
    <h3 id="w-${ticket.id}"><a href="/tickets/${ticket.id}">${ticket.title}</a></h3>
    <p>${prose(ticket.plan?.rootCause ?? ticket.rootCause)}</p>
    ${diff === undefined || ticket.patch === null ? NOTHING : html`<details><summary>The patch: ${changeSummary(ticket.patch)}</summary>${diffTable(diff)}</details>`}
    ${approvalForm({ ticket, request, session: sessionFor(ticket.service), now, from: "overview" })}
  </article>`;
}

function ticketTable(tickets: readonly Ticket[], of: number, now: number): Html {
  if (tickets.length === 0) {
    return html`<p class="empty">No tickets yet. They open when exceptions arrive and their window has closed.</p>`;
  }
  return html`<div class="card"><table class="stack subjects">
    <thead><tr><th scope="col">Ticket</th><th scope="col">Severity</th><th scope="col">State</th>
      <th scope="col">Evidence</th><th scope="col">Decision</th><th scope="col">Updated</th></tr></thead>
    <tbody>${tickets.map((t) => ticketRow(t, now))}</tbody>
  </table>${tickets.length === of ? NOTHING : html`<p class="muted">The newest ${tickets.length} of ${of} tickets. All of them: selfheal tickets, or GET /v1/tickets.</p>`}</div>`;
}

function ticketRow(t: Ticket, now: number): Html {
  const dash = html`<span class="muted">–</span>`;
  return html`<tr>
    <th scope="row"><a href="/tickets/${t.id}">${t.title}</a>
      <span class="muted">${short(t.id)} · ${t.service}</span></th>
    <td data-label="Severity">${badge(SEVERITY_WORDS[t.severity])}</td>
    <td data-label="State">${badge(STATE_WORDS[t.state], t.reason)}</td>
    <td data-label="Evidence">${t.evidence === null ? dash : badge(GRADE_WORDS[t.evidence.grade], GRADE_WORDS[t.evidence.grade].meaning)}</td>
    <td data-label="Decision">${t.gate === null ? dash : badge(VERDICT_WORDS[t.gate.verdict], t.gate.missing.join(", "))}</td>
    <td data-label="Updated">${moment(t.updatedAt, now)}</td>
  </tr>`;
}
