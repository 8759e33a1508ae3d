import type { LevelReport, ServiceAutonomy } from "../../domain/autonomy.ts";
import { Autonomy } from "../../domain/service.ts";
import type { Session } from "../access/sessions.ts";
import { type Html, html, NOTHING } from "./html.ts";
import { moment } from "./htmlParts.ts";
import { csrfField } from "./layout.ts";

/** What selfheal may do without a person, for each service and error class, and why. */
export function autonomyBody(
  rows: readonly ServiceAutonomy[],
  sessionFor: (service: string) => Session | null,
  now: number,
): Html {
  return html`<h1>Autonomy</h1>
    ${rows.length === 0 ? html`<p class="muted">No service is configured yet.</p>` : NOTHING}
    ${rows.map((row) => serviceCard(row, sessionFor(row.service), now))}`;
}

function serviceCard(row: ServiceAutonomy, session: Session | null, now: number): Html {
  return html`<section class="card">
    <h2>${row.service} <span class="muted">${row.errorClass ?? "all other errors"}</span></h2>
    <table class="stack">
      <thead><tr><th scope="col">Severity</th><th scope="col">Counts</th><th scope="col">Configured</th><th scope="col">By a person</th><th scope="col">Earned</th><th scope="col">Why</th></tr></thead>
      <tbody>${row.levels.map(levelRow)}</tbody>
    </table>
    ${row.entries.length === 0 ? NOTHING : html`<p class="muted">Lately: ${row.entries.map((e) => html`${e.outcome} ${moment(e.at, now)}; `)}</p>`}
    ${session === null || row.errorClass !== null ? NOTHING : changeForm(row.service, session)}
  </section>`;
}

function levelRow(level: LevelReport): Html {
  return html`<tr><th scope="row">${level.severity}</th><td data-label="Counts"><strong>${level.effective}</strong></td>
    <td data-label="Configured">${level.configured}</td>
    <td data-label="By a person">${level.override === null ? "–" : `${level.override.level} (${level.override.by})`}</td>
    <td data-label="Earned">${level.earned ?? "–"}</td><td data-label="Why">${level.why}</td></tr>`;
}

function changeForm(service: string, session: Session): Html {
  return html`<form method="post" action="/autonomy">
    ${csrfField(session)}<input type="hidden" name="service" value="${service}">
    <label>Level for every severity <select name="level">
      <option value="">as configured</option>
      ${Autonomy.options.map((level) => html`<option value="${level}">${level}</option>`)}
    </select></label> <button>Set</button>
  </form>`;
}
