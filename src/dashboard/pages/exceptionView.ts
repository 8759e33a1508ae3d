import type { CapturedEvent, StackFrame } from "../../domain/event.ts";
import { type Html, html } from "./html.ts";

const FRAMES_SHOWN = 8;

/** The newest stored Event: the exception and its frames. All of it is untrusted input from the client. */
export function exceptionView(event: CapturedEvent): Html {
  const { exception } = event;
  const frames = exception.frames.slice(0, FRAMES_SHOWN);
  const left = exception.frames.length - frames.length;
  return html`<h3>The newest event</h3>
    <pre tabindex="0" class="exception">${`${exception.type}: ${exception.value}`}
${frames.map(
  (frame) => html`<span class="${frame.inApp ? "own" : "foreign"}">  at ${frameText(frame)}</span>
`,
)}${left > 0 ? html`<span class="foreign">  … ${left} more</span>` : ""}</pre>`;
}

function frameText(frame: StackFrame): string {
  const place = `${frame.file}${frame.line === undefined ? "" : `:${frame.line}`}${frame.column === undefined ? "" : `:${frame.column}`}`;
  const built =
    frame.generated === undefined
      ? ""
      : `  ← ${frame.generated.file}:${frame.generated.line}:${frame.generated.column}`;
  return `${frame.function === undefined ? place : `${frame.function} (${place})`}${built}`;
}
