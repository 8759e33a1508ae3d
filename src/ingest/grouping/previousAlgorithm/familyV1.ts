import { createHash } from "node:crypto";
import type { CapturedEvent, Exception, Platform, StackFrame } from "../../../domain/event.ts";
import { messageTemplateV1 } from "./templateV1.ts";

/** Frozen: the family that algorithm 1 put an Event in, so that an Issue which began under it goes on under its own id. */
export function familyV1(event: CapturedEvent): string {
  const cause = event.causes.at(-1);
  const causeParts = cause === undefined ? [] : identityOf(cause, event.platform);
  return digest("family", ...identityOf(event.exception, event.platform), ...causeParts);
}

function identityOf(exception: Exception, platform: Platform): [type: string, place: string, message: string] {
  const top = ownFrames(exception)[0];
  return [exception.type, top === undefined ? "" : placeOf(top, platform), messageTemplateV1(exception.value)];
}

/** The app's frames; where there are none, all of them tell more than nothing. */
function ownFrames(exception: Exception): StackFrame[] {
  const own = exception.frames.filter((frame) => frame.inApp);
  return own.length > 0 ? own : exception.frames;
}

/** The function's name; of one without a name the file it is in. */
function placeOf(frame: StackFrame, platform: Platform): string {
  return functionName(frame.function ?? "", platform) ?? basename(frame.file);
}

const ANONYMOUS =
  /^(?:|\?|<unknown>|<?anonymous>?|<lambda>|<module>|<listcomp>|<genexpr>|eval|default|module code|global code|anonymous fn.*)$/i;

/** The name as all runtimes would print it, or null where it has none: without receiver, alias and async or new. */
function functionName(printed: string, platform: Platform): string | null {
  if (platform !== "node" && platform !== "browser") return ANONYMOUS.test(printed) ? null : printed;
  const plain = printed
    .replace(/^(?:async |new |get |set )+/, "")
    .replace(/ \[as [^\]]{1,200}\]$/, "")
    // Firefox marks nested anonymous functions so.
    .replace(/[/<]+$/, "");
  const name = plain.slice(plain.lastIndexOf(".") + 1);
  return ANONYMOUS.test(name) ? null : name;
}

/** The file's own name, without the hash that bundlers put into it. */
function basename(file: string): string {
  const name = file.slice(Math.max(file.lastIndexOf("/"), file.lastIndexOf("\\")) + 1);
  return name.replace(/[.-](?=[\w]*\d)[\w]{6,64}(?=\.)/g, "");
}

function digest(...parts: readonly string[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 32);
}
