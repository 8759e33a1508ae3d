import type { ApprovalDecision } from "../../domain/approval.ts";
import type { AuditEntry } from "../../domain/audit.ts";
import type { Attempt } from "../../domain/patch.ts";
import { type Html, html, NOTHING } from "./html.ts";
import { badge, bulletList, moment, short } from "./htmlParts.ts";
import { auditWords, DECISION_WORDS, GRADE_WORDS } from "./labels.ts";

/** The ticket's part of the audit log, oldest first. */
export function timelineView(entries: readonly AuditEntry[], now: number): Html {
  if (entries.length === 0) return html`<p class="empty">Nothing is recorded yet.</p>`;
  return html`<ol class="timeline card">${entries.map(
    (entry) => html`<li>
      <p><strong>${auditWords(entry.kind)}</strong> <span class="muted">${entry.actor} · ${moment(entry.at, now)}</span></p>
      ${Object.keys(entry.facts).length === 0 ? NOTHING : html`<p class="entry-facts">${Object.entries(entry.facts).map(fact)}</p>`}
    </li>`,
  )}</ol>`;
}

function fact([name, value]: [string, AuditEntry["facts"][string]]): Html {
  if (value === null || value === "") return NOTHING;
  const text = Array.isArray(value) ? value.join(", ") : String(value);
  const isHash = /^[0-9a-f]{40,64}$/.test(text);
  return html`<span><span class="muted">${name}</span> ${isHash ? html`<code title="${text}">${short(text)}</code>` : text}</span> `;
}

/** Each Attempt, and the candidates that were rejected in it. */
export function attemptsView(attempts: readonly Attempt[]): Html {
  return html`<div class="card"><table class="stack">
    <thead><tr><th scope="col">Attempt</th><th scope="col">Evidence</th><th scope="col">Outcome</th><th scope="col">By</th></tr></thead>
    <tbody>${attempts.map(
      (a) => html`<tr><th scope="row">${a.number}</th>
        <td data-label="Evidence">${badge(GRADE_WORDS[a.grade], GRADE_WORDS[a.grade].meaning)}</td>
        <td data-label="Outcome">${a.outcome}${a.rejected.length === 0 ? NOTHING : html`<details><summary>${a.rejected.length} turned down</summary>${bulletList(a.rejected)}</details>`}</td>
        <td data-label="By">${a.patch?.by ?? "–"}</td></tr>`,
    )}</tbody>
  </table></div>`;
}

export function decisionsView(decisions: readonly ApprovalDecision[]): Html {
  return html`<ul class="card said">${decisions.map(
    (d) =>
      html`<li><strong>${d.by}</strong> ${DECISION_WORDS[d.type].said}${d.message === "" ? "." : html`: <q>${d.message}</q>`}</li>`,
  )}</ul>`;
}
