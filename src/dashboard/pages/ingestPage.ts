import type { IngestBalance, IngestReport } from "../../domain/ingestCount.ts";
import { type Html, html, NOTHING } from "./html.ts";
import { moment } from "./htmlParts.ts";

/** What happened to every Event that apps threw, for each project, and how many Events wait. */
export function ingestBody(report: IngestReport, now: number): Html {
  const { waiting, pressure, projects, counts, setAside } = report;
  return html`<h1>Ingest</h1>
    <p>${waiting.rows} events (${waiting.bytes} bytes) wait to be digested. Back-pressure: <strong>${pressure}</strong>.</p>
    ${projects.length === 0 ? html`<p class="muted">Nothing was sent yet.</p>` : balanceTable(projects)}
    ${counts.length === 0 ? NOTHING : reasons(report)}
    ${
      setAside.length === 0
        ? NOTHING
        : html`<section class="card"><h2>Set aside</h2>
      <p class="muted">These are stored and cannot be digested. <code>selfheal stats --retry</code> tries them again.</p>
      <ul>${setAside.map((one) => html`<li><code>${one.eventId}</code> ${one.project}, ${moment(one.receivedAt, now)}: ${one.reason}</li>`)}</ul></section>`
    }`;
}

function balanceTable(projects: readonly IngestBalance[]): Html {
  return html`<section class="card"><h2>thrown = received + only counted + lost here + lost in the client</h2>
    <table class="stack">
      <thead><tr><th scope="col">Project</th><th scope="col">Thrown</th><th scope="col">Received</th><th scope="col">Only counted</th><th scope="col">Lost here</th><th scope="col">Lost in the client</th><th scope="col">Put off</th><th scope="col">Sent again</th></tr></thead>
      <tbody>${projects.map(
        (
          row,
        ) => html`<tr><th scope="row">${nameOf(row.project)}</th><td data-label="Thrown"><strong>${row.thrown}</strong></td>
          <td data-label="Received">${row.received}</td><td data-label="Only counted">${row.counted}</td>
          <td data-label="Lost here">${row.lost}</td><td data-label="Lost in the client">${row.reportedLost}</td>
          <td data-label="Put off">${row.deferred}</td><td data-label="Sent again">${row.repeated}</td></tr>`,
      )}</tbody>
    </table></section>`;
}

function reasons({ counts }: IngestReport): Html {
  const told = counts.filter(({ reason }) => reason !== "");
  return html`<section class="card"><h2>Why</h2>
    <ul>${told.map((one) => html`<li>${nameOf(one.project)}: ${one.events} ${one.outcome}, ${one.reason}</li>`)}</ul></section>`;
}

function nameOf(project: string): string {
  return project === "" ? "(no key)" : project;
}
