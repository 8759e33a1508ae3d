import type { Patch } from "../../domain/patch.ts";
import { type DiffLine, diffLines } from "./diffLines.ts";
import { type Html, html } from "./html.ts";
import { plural, prose } from "./htmlParts.ts";

/** A Patch with every line of its diff. */
export function patchView(patch: Patch, diff: string | null): Html {
  return html`<p class="lead">${prose(patch.explanation)}</p>
    <p class="muted">
      ${changeSummary(patch)} · by <code>${patch.by}</code> · patch
      <code title="${patch.digest}">${patch.digest.slice(0, 12)}</code> on
      <code title="${patch.baseCommit}">${patch.baseCommit.slice(0, 8)}</code>
    </p>
    ${diff === null ? html`<p class="empty">The diff is not in the blob store.</p>` : diffTable(diff)}`;
}

/** `1 file, +2 −1`. */
export function changeSummary(patch: Patch): Html {
  return html`${plural(patch.files.length, "file")},
    <span class="plus">+${patch.addedLines}</span> <span class="minus">−${patch.removedLines}</span>`;
}

export function diffTable(diff: string): Html {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Diff">
    <table class="diff">
      <thead class="sr"><tr><th scope="col">Old line</th><th scope="col">New line</th><th scope="col">Code</th></tr></thead>
      <tbody>${diffLines(diff).map(row)}</tbody>
    </table>
  </div>`;
}

function row(line: DiffLine): Html {
  return html`<tr class="${line.kind}"><td>${line.before}</td><td>${line.after}</td><td>${line.text}</td></tr>`;
}
