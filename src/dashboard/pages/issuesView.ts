import type { Issue } from "../../domain/issue.ts";
import type { Ticket } from "../../domain/ticket.ts";
import { type Html, html, NOTHING } from "./html.ts";
import { badge, moment, plural, prose } from "./htmlParts.ts";
import { SEVERITY_WORDS, STATE_WORDS } from "./labels.ts";

/** Issues grouped by the ticket of their root cause, with their Event counts; then the Issues without a ticket. */
export function issuesByRootCause(tickets: readonly Ticket[], issues: readonly Issue[], now: number): Html {
  if (issues.length === 0) return html`<p class="empty">No exception has arrived yet.</p>`;
  const groups = tickets
    .map((ticket) => ({ ticket, issues: issues.filter((i) => ticket.issueIds.includes(i.id)) }))
    .filter((group) => group.issues.length > 0);
  const grouped = new Set(groups.flatMap((group) => group.issues.map((i) => i.id)));
  const loose = issues.filter((i) => !grouped.has(i.id));
  return html`${groups.map((group) => rootCause(group.ticket, group.issues, now))}
    ${loose.length === 0 ? NOTHING : html`<article class="card"><h3>Not grouped yet</h3><p class="muted">Their window is still open, or their run has not begun.</p>${issueTable(loose, now)}</article>`}`;
}

function rootCause(ticket: Ticket, issues: readonly Issue[], now: number): Html {
  const events = issues.reduce((sum, issue) => sum + issue.count, 0);
  return html`<article class="card">
    <p class="badges">${badge(SEVERITY_WORDS[ticket.severity])} ${badge(STATE_WORDS[ticket.state])}
      <span class="muted">${ticket.service} · ${plural(issues.length, "issue")} · ${plural(events, "event")}</span></p>
    <h3><a href="/tickets/${ticket.id}">${prose(ticket.plan?.rootCause ?? ticket.rootCause)}</a></h3>
    ${issueTable(issues, now)}
  </article>`;
}

export function issueTable(issues: readonly Issue[], now: number): Html {
  return html`<table class="stack subjects">
    <thead><tr><th scope="col">Issue</th><th scope="col" class="number">Events</th><th scope="col">First seen</th>
      <th scope="col">Last seen</th><th scope="col">Trust</th></tr></thead>
    <tbody>${issues.map((issue) => issueRow(issue, now))}</tbody>
  </table>`;
}

function issueRow(issue: Issue, now: number): Html {
  return html`<tr>
    <th scope="row">${issue.title}<span class="muted">${issue.culprit}${issue.mergedInto ? ` · merged into ${issue.mergedInto}` : ""}</span></th>
    <td data-label="Events" class="number">${issue.count}</td>
    <td data-label="First seen">${moment(issue.firstSeen, now)}</td>
    <td data-label="Last seen">${moment(issue.lastSeen, now)}</td>
    <td data-label="Trust">${issue.trustTier}${issue.corroborated ? ", corroborated" : ""}</td>
  </tr>`;
}
