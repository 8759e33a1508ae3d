import { type CanaryProgress, describeCounted } from "../../domain/canary.ts";
import type { Deployment } from "../../domain/deployment.ts";
import type { Finding, Review } from "../../domain/evidence.ts";
import type { GateDecision } from "../../domain/ticket.ts";
import { type Html, html, NOTHING } from "./html.ts";
import { badge, bulletList, moment, short } from "./htmlParts.ts";
import { DEPLOYMENT_WORDS, VERDICT_WORDS } from "./labels.ts";

/** What the scanners found in the diff, and the scanners that could not run. */
export function reviewView(review: Review): Html {
  return html`<div class="card">
    ${review.findings.length === 0 ? html`<p>${badge({ text: "Clean", tone: "good" })} Nothing new found.</p>` : findings(review.findings)}
    <p class="muted">Reviewed by ${review.by.join(", ")}.</p>
    ${review.unavailable.length === 0 ? NOTHING : html`<p>Could not run, so nothing is known from them:</p>${bulletList(review.unavailable)}`}
  </div>`;
}

function findings(list: readonly Finding[]): Html {
  return html`<table class="stack">
    <thead><tr><th scope="col">Rule</th><th scope="col">Weight</th><th scope="col">Place</th><th scope="col">What</th></tr></thead>
    <tbody>${list.map(
      (f) => html`<tr><th scope="row">${f.rule}</th>
        <td data-label="Weight">${badge(f.weight === "hard" ? { text: "Refuses", tone: "bad" } : { text: "Needs a look", tone: "wait" })}</td>
        <td data-label="Place"><code>${`${f.path}:${f.line}`}</code></td><td data-label="What">${f.message}</td></tr>`,
    )}</tbody>
  </table>`;
}

/** The gate's decision, with the names of the unmet conditions. */
export function gateView(gate: GateDecision, now: number): Html {
  return html`<div class="card">
    <p>${badge(VERDICT_WORDS[gate.verdict])} <span class="muted">decided ${moment(gate.decidedAt, now)}</span></p>
    ${gate.missing.length === 0 ? NOTHING : html`<p>Missing for a deployment without a person:</p>${bulletList(gate.missing)}`}
    ${gate.refusedBy.length === 0 ? NOTHING : html`<p>Hard rules that were hit:</p>${bulletList(gate.refusedBy)}`}
  </div>`;
}

/** The progress of the canary, and its counts. */
function canaryView(
  { stage, beganAt, looks, verdict, reason, counted }: CanaryProgress,
  state: Deployment["state"],
  now: number,
): Html {
  const word = stage === "promoting" && state === "live" ? "promoted" : stage;
  const since =
    beganAt === null
      ? NOTHING
      : html` <span class="muted">since ${moment(beganAt, now)}, looked at ${looks} time(s)</span>`;
  return html`<dt>Canary</dt><dd>${word}, ${verdict}${since}<br>${describeCounted(counted)}${reason === "" ? NOTHING : html`<br><span class="muted">${reason}</span>`}</dd>`;
}

/** The journal's row: what was deployed where, and the commit to which a rollback returns. */
export function deploymentView(d: Deployment, now: number): Html {
  return html`<div class="card">
    <p>${badge(DEPLOYMENT_WORDS[d.state])} ${d.reason}</p>
    <dl class="facts-list">
      <dt>Branch</dt><dd><code>${d.branch}</code></dd>
      <dt>Commit</dt><dd><code title="${d.commit}">${short(d.commit)}</code></dd>
      <dt>Rolls back to</dt><dd><code title="${d.previousCommit}">${short(d.previousCommit)}</code></dd>
      <dt>Decided by</dt><dd>${d.auto ? "the gate alone" : "a person"}</dd>
      <dt>Begun</dt><dd>${moment(d.intendedAt, now)}</dd>
      ${d.canary === undefined ? NOTHING : canaryView(d.canary, d.state, now)}
      <dt>Settled</dt><dd>${d.settledAt === null ? "not yet" : moment(d.settledAt, now)}</dd>
    </dl>
  </div>`;
}
