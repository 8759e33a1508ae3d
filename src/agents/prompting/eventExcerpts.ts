import type { CapturedEvent, Exception } from "../../domain/event.ts";
import type { Plan } from "../../domain/patch.ts";
import type { Workspace } from "../../domain/ports/workspace.ts";
import { isSecretFile } from "../../policy/editablePaths.ts";
import { cleanPath, repositoryFile } from "../../repair/frames.ts";
import { oneLine, type Quoter } from "./untrustedText.ts";

const FRAMES = 15;
const EXCERPTS = 4;
const LINES_AROUND = 12;

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

/**
 * The lines around each place, numbered, the place marked with ">". Files of secrets and unreadable files are left out.
 */
export async function excerptsOf(
  workspace: Workspace,
  places: Plan["places"],
  quoter: Quoter,
  around = LINES_AROUND,
): Promise<string> {
  const excerpts: string[] = [];
  for (const { file, line } of places.slice(0, EXCERPTS)) {
    const text = isSecretFile(file) ? null : await workspace.read(file).catch(() => null);
    if (text === null) continue;
    const from = Math.max(1, line - around);
    const body = numbered(text, from, line + around, line);
    excerpts.push(quoter.quote(`${oneLine(file, 160)} from line ${from}`, body, 4000));
  }
  return excerpts.join("\n");
}

/** Lines `from` to `to` (both start at 1 and are included) with their numbers. */
export function numbered(text: string, from: number, to: number, marked = 0): string {
  const lines = text.split("\n").slice(from - 1, to);
  return lines.map((line, i) => `${from + i === marked ? ">" : " "}${from + i}| ${line.slice(0, 300)}`).join("\n");
}

/** The last three parts of a path, so that the folders of a server are not disclosed. */
function tailOf(file: string): string {
  return cleanPath(file).split("/").slice(-3).join("/");
}
