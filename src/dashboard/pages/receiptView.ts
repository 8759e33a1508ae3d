import type { Receipt, ReceiptLine, ReceiptPart } from "../../domain/receipt.ts";
import { type Html, html, NOTHING } from "./html.ts";

/** The parts of a receipt that the page shows nowhere else. */
const SHOWN: readonly [ReceiptPart, string][] = [
  ["cause", "Cause"],
  ["tests", "Tests, before and after"],
  ["rejected", "Tried and turned down"],
  ["reach", "Who calls what was changed"],
  ["rollback", "How to go back"],
  ["cost", "Cost"],
];

/** These parts, and a link to the complete receipt. */
export function receiptView(explanation: Receipt): Html {
  const parts = SHOWN.filter(([part]) => explanation.parts[part].length > 0);
  return html`<div class="card">
    ${parts.map(([part, title]) => html`<h3>${title}</h3><dl class="facts-list">${explanation.parts[part].map(row)}</dl>`)}
    <p class="muted"><a href="/v1/tickets/${explanation.ticketId}/receipt?format=markdown">The whole receipt, as Markdown</a></p>
  </div>`;
}

function row({ label, said, code, quote }: ReceiptLine): Html {
  return html`<dt>${label}</dt><dd>${said ?? NOTHING} ${code === undefined ? NOTHING : html`<code>${code}</code>`} ${quote === undefined ? NOTHING : html`<q>${quote}</q>`}</dd>`;
}
