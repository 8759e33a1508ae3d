import { startRefusal } from "../../domain/manualAction.ts";
import type { Ticket } from "../../domain/ticket.ts";
import type { Session } from "../access/sessions.ts";
import { type Html, html, NOTHING } from "./html.ts";
import { csrfField } from "./layout.ts";

/**
 * The actions that a person may start on a ticket without an open question: start a Run, or close it. The server checks
 * again whether the action is allowed.
 */
export function manualActionForm(ticket: Ticket, session: Session): Html {
  if (startRefusal({ ticket, level: "assist", other: null }) !== null) return NOTHING;
  const field = `by-hand-${ticket.id}`;
  return html`<details class="card"><summary>Do something with it</summary>
    <form method="post" action="/tickets/${ticket.id}/retry" class="answer">
      ${csrfField(session)}
      <label for="${field}">Guidance or reason (optional)</label>
      <textarea id="${field}" name="message" rows="2" maxlength="4000"></textarea>
      <div class="buttons">
        <button class="primary">Start work on it</button>
        ${canSayApplied(ticket) ? html`<button class="plain" formaction="/tickets/${ticket.id}/applied">I applied it</button>` : NOTHING}
        ${ticket.state === "open" ? html`<button class="plain" formaction="/tickets/${ticket.id}/dismiss">Dismiss</button>` : NOTHING}
      </div>
    </form></details>`;
}

function canSayApplied({ state, patch, applied }: Ticket): boolean {
  return state === "proposed" && patch !== null && !applied;
}
