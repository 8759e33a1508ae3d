import { describeDuration } from "../../domain/duration.ts";
import { describeEnd, type Evidence, type Observation } from "../../domain/evidence.ts";
import { type Html, html, NOTHING } from "./html.ts";
import { badge, bulletList } from "./htmlParts.ts";
import { GRADE_WORDS, SANDBOX_WORDS } from "./labels.ts";

/**
 * What the tester observed: the reproduction fails on the base and passes on the Patch, the suite before and after, and
 * what is missing.
 */
export function evidenceView(evidence: Evidence): Html {
  const grade = GRADE_WORDS[evidence.grade];
  return html`<p class="grade">${badge(grade)} <span>${grade.meaning}</span></p>
    ${evidence.infrastructure === null ? NOTHING : html`<p class="banner bad">The tools failed, which proves nothing: ${evidence.infrastructure}</p>`}
    <div class="pair">
      ${step("Reproduction on the base", evidence.reproductionBase, "red")}
      ${step("Reproduction on the patch", evidence.reproductionPatch, "green")}
      ${step("Test suite on the base", evidence.suiteBase, "either")}
      ${step("Test suite on the patch", evidence.suitePatch, "green")}
      ${evidence.buildPatch === null ? NOTHING : step("Build on the patch", evidence.buildPatch, "green")}
    </div>
    <dl class="facts-list">
      <dt>Sandbox</dt><dd>${SANDBOX_WORDS[evidence.sandbox]}</dd>
      <dt>Existing tests</dt><dd>${evidence.touchesExistingTests ? "changed by the patch" : "untouched"}</dd>
      <dt>Falls short</dt><dd>${evidence.shortfalls.length === 0 ? "nothing" : bulletList(evidence.shortfalls)}</dd>
      <dt>Not checked</dt><dd>${evidence.notChecked.length === 0 ? "nothing left out" : bulletList(evidence.notChecked)}</dd>
    </dl>`;
}

/** The result that a command should have: fail (red), pass (green), or either (the suite on the base). */
type Wanted = "red" | "green" | "either";

function step(title: string, seen: Observation | null, wanted: Wanted): Html {
  if (seen === null) {
    return html`<div class="step quiet"><h3>${title}</h3><p class="muted">Not run.</p></div>`;
  }
  const passed = seen.end.kind === "exit" && seen.end.code === 0;
  const asWanted = wanted === "either" || (wanted === "green" ? passed : seen.end.kind === "exit" && !passed);
  const expectation = wanted === "either" ? "" : asWanted ? ", as it should" : ", but should not";
  return html`<div class="step ${asWanted ? "good" : "bad"}">
    <h3>${title}</h3>
    <p><span class="light ${passed ? "green" : "red"}" aria-hidden="true"></span>
      <strong>${passed ? "Passes" : "Fails"}${expectation}</strong>
      <span class="muted">${describeEnd(seen.end)}, ${describeDuration(seen.durationMs)}</span></p>
    <p class="command"><code>${seen.command}</code></p>
    <details><summary>Output</summary><pre tabindex="0">${seen.tail || "(no output)"}</pre></details>
  </div>`;
}
