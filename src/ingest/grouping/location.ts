import type { Exception, Platform, StackFrame } from "../../domain/event.ts";

/** The app's frames; where there are none, all of them tell more than nothing. */
function ownFrames(exception: Exception): StackFrame[] {
  const own = exception.frames.filter((frame) => frame.inApp);
  return own.length > 0 ? own : exception.frames;
}

/** Functions that only throw what another found out: who called them tells more. */
const WRAPPER =
  /^(?:invariant|assert\w{0,20}|ensure|panic|fail|raise|rethrow|throw(?:Error|If\w{0,20})?|captureException|reportError|handleError|logError|wrap(?:ped)?|tryCatch|checkArgument|requireNonNull)$/;

/**
 * Where it was thrown, without lines and folders, which move with every release: the newest function of the app that has a
 * name and is no wrapper; a callback without one goes by the function around it, where that is in the same file.
 */
export function locationOf(exception: Exception, platform: Platform): string {
  const frames = ownFrames(exception);
  const named = frames.map((frame) => functionName(frame.function ?? "", platform));
  const first = named.findIndex((name) => name === null || !WRAPPER.test(name));
  const top = frames[first === -1 ? 0 : first];
  if (top === undefined) return "";
  const around = frames.findIndex((frame, i) => i >= first && named[i] !== null && frame.file === top.file);
  return named[first === -1 ? 0 : around] ?? basename(top.file);
}

/** Places of all frames of the app, newest first; what a recursion repeats is there once. */
export function locationsOf(exception: Exception, platform: Platform): string[] {
  const places = ownFrames(exception).map(
    (frame) => functionName(frame.function ?? "", platform) ?? basename(frame.file),
  );
  return collapsed(places);
}

/** The functions that call each other in a stack overflow: which of them was the last is chance. */
export function recursionOf(exception: Exception, platform: Platform): string {
  const places = ownFrames(exception).map(
    (frame) => functionName(frame.function ?? "", platform) ?? basename(frame.file),
  );
  const counts = new Map<string, number>();
  for (const place of places) counts.set(place, (counts.get(place) ?? 0) + 1);
  const repeated = [...counts].filter(([, n]) => n > 1).map(([place]) => place);
  return (repeated.length > 0 ? repeated : places.slice(0, 1)).toSorted().slice(0, 5).join(" ");
}

/** Without repetitions of the last one to four places. */
function collapsed(places: readonly string[]): string[] {
  const out: string[] = [];
  for (const place of places) {
    out.push(place);
    for (let period = 1; period <= 4; period++) {
      const [last, before] = [out.slice(-period), out.slice(-2 * period, -period)];
      if (before.length === period && last.every((one, i) => one === before[i])) {
        out.length -= period;
        break;
      }
    }
  }
  return out;
}

const ANONYMOUS =
  /^(?:|\?|<unknown>|<?anonymous>?|<lambda>|<module>|<listcomp>|<genexpr>|eval|default|module code|global code|eval code|anonymous fn.*)$/i;

/** The name as all runtimes would print it, or null where it has none: without receiver, alias and async or new. */
function functionName(printed: string, platform: Platform): string | null {
  if (platform !== "node" && platform !== "browser") return ANONYMOUS.test(printed) ? null : printed;
  const plain = printed
    .replace(/^(?:async |async\*|promise callback\*|new |get |set )+/, "")
    .replace(/ \[as [^\]]{1,200}\]$/, "")
    // Firefox marks nested anonymous functions so.
    .replace(/[/<]+$/, "");
  const name = plain.slice(plain.lastIndexOf(".") + 1);
  // A minifier's names are others in the next build.
  return ANONYMOUS.test(name) || (platform === "browser" && name.length <= 2) ? null : name;
}

/** The file's own name, without the hash that bundlers put into it: with a digit, or eight and more of mixed case. */
function basename(file: string): string {
  const name = file.slice(Math.max(file.lastIndexOf("/"), file.lastIndexOf("\\")) + 1);
  return name
    .replace(/[.-](?=[\w]{0,64}\d)[\w]{6,64}(?=\.)/g, "")
    .replace(/[.-](?=[\w-]{0,63}[A-Z])(?=[\w-]{0,63}[a-z])[\w-]{8}(?=\.\w{1,5}$)/, "");
}
