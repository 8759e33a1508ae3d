import type { Exception, Platform, StackFrame } from "../../domain/event.ts";

/** The app's frames. If there are none, all frames, because they still help to tell problems apart. */
function ownFrames(exception: Exception): StackFrame[] {
  const own = exception.frames.filter((frame) => frame.inApp);
  return own.length > 0 ? own : exception.frames;
}

/** Functions that only throw an error that another function detected. Their caller identifies the problem better. */
const WRAPPER =
  /^(?:invariant|assert\w{0,20}|ensure|panic|fail|raise|rethrow|throw(?:Error|If\w{0,20})?|captureException|reportError|handleError|logError|wrap(?:ped)?|tryCatch|checkArgument|requireNonNull)$/;

/**
 * The place of a throw, without line numbers and folders, because they change with every release. It is the newest app
 * function that is not a wrapper. If that function has no name, it is the next named caller in the same file, otherwise
 * the file name.
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

/** The places of all app frames, newest first. A sequence that recursion repeats occurs once. */
export function locationsOf(exception: Exception, platform: Platform): string[] {
  const places = ownFrames(exception).map(
    (frame) => functionName(frame.function ?? "", platform) ?? basename(frame.file),
  );
  return collapsed(places);
}

/** The functions that call each other in a stack overflow, sorted. Which of them was called last is chance. */
export function recursionOf(exception: Exception, platform: Platform): string {
  const places = ownFrames(exception).map(
    (frame) => functionName(frame.function ?? "", platform) ?? basename(frame.file),
  );
  const counts = new Map<string, number>();
  for (const place of places) counts.set(place, (counts.get(place) ?? 0) + 1);
  const repeated = [...counts].filter(([, n]) => n > 1).map(([place]) => place);
  return (repeated.length > 0 ? repeated : places.slice(0, 1)).toSorted().slice(0, 5).join(" ");
}

/** Removes repetitions of the last one to four places. */
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

/**
 * The function name in the form that is common to all runtimes: without receiver, alias, `async` and `new`. Null if the
 * function has no name.
 */
function functionName(printed: string, platform: Platform): string | null {
  if (platform !== "node" && platform !== "browser") return ANONYMOUS.test(printed) ? null : printed;
  const plain = printed
    .replace(/^(?:async |async\*|promise callback\*|new |get |set )+/, "")
    .replace(/ \[as [^\]]{1,200}\]$/, "")
    // Firefox marks nested anonymous functions with these characters.
    .replace(/[/<]+$/, "");
  const name = plain.slice(plain.lastIndexOf(".") + 1);
  // A minifier chooses other names in the next build.
  return ANONYMOUS.test(name) || (platform === "browser" && name.length <= 2) ? null : name;
}

/**
 * The file name without folders and without the hash that bundlers add: a part with a digit, or a part of eight
 * characters in mixed case.
 */
function basename(file: string): string {
  const name = file.slice(Math.max(file.lastIndexOf("/"), file.lastIndexOf("\\")) + 1);
  return name
    .replace(/[.-](?=[\w]{0,64}\d)[\w]{6,64}(?=\.)/g, "")
    .replace(/[.-](?=[\w-]{0,63}[A-Z])(?=[\w-]{0,63}[a-z])[\w-]{8}(?=\.\w{1,5}$)/, "");
}
