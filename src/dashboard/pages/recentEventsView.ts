import { type Activity, barsOf } from "../../domain/recentEvents.ts";
import { type Html, html, NOTHING } from "./html.ts";
import { moment, plural } from "./htmlParts.ts";

const RELEASES = 10;

/** The Events of the last hour as bars, and the newest releases in which they happened. */
export function activityView({ minutes, releases }: Activity, now: number): Html {
  const events = minutes.reduce((sum, n) => sum + n, 0);
  return html`<p>Last hour: ${plural(events, "event")} ${events === 0 ? NOTHING : html`<code aria-hidden="true">${barsOf(minutes)}</code>`}</p>
    ${
      releases.length === 0
        ? NOTHING
        : html`<table class="stack">
      <thead><tr><th scope="col">Release</th><th scope="col" class="number">Events</th><th scope="col">First seen</th><th scope="col">Last seen</th></tr></thead>
      <tbody>${releases.slice(0, RELEASES).map(
        (one) => html`<tr><th scope="row">${one.release}</th><td data-label="Events" class="number">${one.events}</td>
        <td data-label="First seen">${moment(one.firstSeen, now)}</td><td data-label="Last seen">${moment(one.lastSeen, now)}</td></tr>`,
      )}</tbody></table>`
    }`;
}
