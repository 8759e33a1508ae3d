import { createHash } from "node:crypto";
import type { CapturedEvent, Exception, Platform, StackFrame } from "../../../domain/event.ts";
import { messageTemplateV1 } from "./templateV1.ts";

/** Frozen. The family under algorithm 1, so that an Issue that began under algorithm 1 continues under its own id. */
export function familyV1(event: CapturedEvent): string {
  const cause = event.causes.at(-1);
  const causeParts = cause === undefined ? [] : identityOf(cause, event.platform);
  return digest("family", ...identityOf(event.exception, event.platform), ...causeParts);
}

function identityOf(exception: Exception, platform: Platform): [type: string, place: string, message: string] {
  const top = ownFrames(exception)[0];
  return [exception.type, top === undefined ? "" : placeOf(top, platform), messageTemplateV1(exception.value)];
}

/** The app's frames. If there are none, all frames, because they still help to tell problems apart. */
function ownFrames(exception: Exception): StackFrame[] {
  const own = exception.frames.filter((frame) => frame.inApp);
  return own.length > 0 ? own : exception.frames;
}

/** The function's name, or the file name if the function has none. */
function placeOf(frame: StackFrame, platform: Platform): string {
  return functionName(frame.function ?? "", platform) ?? basename(frame.file);
}

const ANONYMOUS =
  /^(?:|\?|<unknown>|<?anonymous>?|<lambda>|<module>|<listcomp>|<genexpr>|eval|default|module code|global code|anonymous fn.*)$/i;

/**
 * The function name in the form that is common to all runtimes: without receiver, alias, `async` and `new`. Null if the
 * function has no name.
 */
function functionName(printed: string, platform: Platform): string | null {
  if (platform !== "node" && platform !== "browser") return ANONYMOUS.test(printed) ? null : printed;
  const plain = printed
    .replace(/^(?:async |new |get |set )+/, "")
    .replace(/ \[as [^\]]{1,200}\]$/, "")
    // Firefox marks nested anonymous functions with these characters.
    .replace(/[/<]+$/, "");
  const name = plain.slice(plain.lastIndexOf(".") + 1);
  return ANONYMOUS.test(name) ? null : name;
}

/** The file name without folders and without the hash that bundlers add. */
function basename(file: string): string {
  const name = file.slice(Math.max(file.lastIndexOf("/"), file.lastIndexOf("\\")) + 1);
  return name.replace(/[.-](?=[\w]*\d)[\w]{6,64}(?=\.)/g, "");
}

function digest(...parts: readonly string[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 32);
}
