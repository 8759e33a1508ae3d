import type { Plan } from "../../domain/plan.ts";
import { type Html, html, NOTHING } from "./html.ts";
import { prose, short } from "./htmlParts.ts";

/** The planner's result: the root cause, its location, and the commits that may have introduced it. */
export function planView(plan: Plan): Html {
  return html`<div class="card">
    <p class="lead">${prose(plan.rootCause)}</p>
    <p>${plan.action === "abstain" ? html`<strong>Abstains: </strong>` : NOTHING}${prose(plan.reason)}
      <span class="muted">by ${plan.by}</span></p>
    ${plan.wouldChangeMind === undefined ? NOTHING : html`<p>Would change its mind: ${plan.wouldChangeMind}</p>`}
    <dl class="facts-list">
      ${plan.places.length === 0 ? NOTHING : html`<dt>Where</dt><dd><ul>${plan.places.map((p) => html`<li><code>${`${p.file}:${p.line}`}</code> ${p.function ?? ""}</li>`)}</ul></dd>`}
      ${plan.files.length === 0 ? NOTHING : html`<dt>May change</dt><dd>${plan.files.map((f) => html`<code>${f}</code> `)}</dd>`}
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
        html`<tr><th scope="row"><code title="${c.commit}">${short(c.commit)}</code></th><td data-label="Subject">${c.subject}</td><td data-label="Why">${c.why}</td></tr>`,
    )}</tbody>
  </table>`;
}
