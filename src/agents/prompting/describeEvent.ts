import type { CapturedEvent, Exception } from "../../domain/event.ts";
import { repositoryFile } from "../../repair/frames.ts";
import { tailOf } from "./sourceExcerpts.ts";
import { oneLine, type Quoter } from "./untrustedText.ts";

const FRAMES = 15;

/**
 * All that a model sees of an Event: types, messages and frames. Request, variables, tags and extra are left out: they
 * contain users' data, and are the widest way in for instructions.
 */
export function describeEvent(event: CapturedEvent, tracked: readonly string[], quoter: Quoter): string {
  const lines = [`platform: ${event.platform}; ${event.handled === false ? "not caught by the app" : event.level}`];
  for (const [i, exception] of [event.exception, ...event.causes].entries()) {
    lines.push(i === 0 ? "exception:" : "caused by:", ...describeException(exception, tracked));
  }
  return quoter.quote("exception", lines.join("\n"), 6000);
}

function describeException(exception: Exception, tracked: readonly string[]): string[] {
  const frames = exception.frames.slice(0, FRAMES).map((frame) => {
    const file = repositoryFile(frame.file, tracked) ?? `(not in this repository) ${tailOf(frame.file)}`;
    return `  at ${oneLine(frame.function ?? "?", 80)} ${oneLine(file, 160)}:${frame.line ?? "?"}:${frame.column ?? "?"}`;
  });
  return [`  ${oneLine(exception.type, 80)}: ${oneLine(exception.value, 500)}`, ...frames];
}
