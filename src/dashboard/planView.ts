import { html } from "hono/html";
import type { Plan } from "../domain/patch.ts";
import { type Html, NOTHING, short, untrusted } from "./pieces.ts";

/** What the planner found: the root cause, where, and which commits may have brought it in. */
export function planView(plan: Plan): Html {
  return html`<div class="card">
    <p class="lead">${untrusted(plan.rootCause)}</p>
    <p>${plan.action === "abstain" ? html`<strong>Abstains: </strong>` : NOTHING}${untrusted(plan.reason)}
      <span class="muted">by ${untrusted(plan.by)}</span></p>
    ${plan.wouldChangeMind === undefined ? NOTHING : html`<p>Would change its mind: ${untrusted(plan.wouldChangeMind)}</p>`}
    <dl class="facts-list">
      ${plan.places.length === 0 ? NOTHING : html`<dt>Where</dt><dd><ul>${plan.places.map((p) => html`<li><code>${untrusted(`${p.file}:${p.line}`)}</code> ${untrusted(p.function ?? "")}</li>`)}</ul></dd>`}
      ${plan.files.length === 0 ? NOTHING : html`<dt>May change</dt><dd>${plan.files.map((f) => html`<code>${untrusted(f)}</code> `)}</dd>`}
    </dl>
    ${plan.culprits.length === 0 ? NOTHING : culprits(plan.culprits)}
  </div>`;
}

function culprits(list: Plan["culprits"]): Html {
  return html`<table class="stack">
    <caption>Commits that may have introduced it</caption>
    <thead><tr><th scope="col">Commit</th><th scope="col">Subject</th><th scope="col">Why</th></tr></thead>
    <tbody>${list.map(
      (c) =>
        html`<tr><th scope="row"><code title="${untrusted(c.commit)}">${short(untrusted(c.commit))}</code></th><td data-label="Subject">${untrusted(c.subject)}</td><td data-label="Why">${untrusted(c.why)}</td></tr>`,
    )}</tbody>
  </table>`;
}
