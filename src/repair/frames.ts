import type { CapturedEvent, Exception, StackFrame } from "../domain/event.ts";
import type { Place } from "./candidate.ts";

/** Folders of third-party code, even when they are tracked. */
const THIRD_PARTY = /(?:^|\/)(?:node_modules|bower_components|jspm_packages)\//;

/** The path inside a frame's file: without scheme, query and the prefixes that bundlers add. */
export function cleanPath(file: string): string {
  const path = file
    .replace(/^(?:webpack(?:-internal)?|rollup|vite|app|ng|turbopack):\/{2,3}/, "")
    .replace(/^(?:file|https?|capacitor|blob):\/\/[^/]*/, "")
    .replace(/[?#].*$/, "")
    .replaceAll("\\", "/");
  return decode(path)
    .split("/")
    .filter((part) => part !== "." && part !== "~" && part !== "")
    .join("/");
}

/**
 * The tracked file of a frame: the one that shares the longest tail of path segments, so the absolute path on the
 * crashed machine does not matter. A bare file name must be unique in the tree. null when the file is not in the
 * repository, or when two files match equally well.
 */
export function repositoryFile(file: string, tracked: readonly string[]): string | null {
  if (isRuntime(file) || file.startsWith("wasm:")) return null;
  const path = cleanPath(file);
  if (THIRD_PARTY.test(`/${path}`)) return null;
  const segments = path.split("/");
  const scored = tracked
    .filter((t) => !THIRD_PARTY.test(t) && lastOf(t) === lastOf(path))
    .map((t) => ({ file: t, shared: sharedTail(segments, t.split("/")), length: t.split("/").length }))
    .filter((s) => s.shared === s.length || s.shared >= 2)
    .sort((a, b) => b.shared - a.shared || a.length - b.length);
  const [best, second] = scored;
  const isTie = second !== undefined && second.shared === best?.shared && second.length === best.length;
  return best === undefined || isTie ? null : best.file;
}

/**
 * The tracked file of a frame in `node_modules`, when the repository is that package. The path inside the package must
 * be the tracked path.
 */
function installedFile(file: string, tracked: readonly string[]): string | null {
  const inside = /(?:^|.*\/)node_modules\/(?:@[^/]+\/)?[^/]+\/(.+\/.+)$/.exec(cleanPath(file))?.[1];
  return inside !== undefined && tracked.includes(inside) ? inside : null;
}

/** The in-repository frames of an exception, newest first. Frames with the same file, line and column appear once. */
export function placesOf(frames: readonly StackFrame[], tracked: readonly string[]): Place[] {
  const own = placesBy(frames, (file) => repositoryFile(file, tracked));
  // For a package's own repository that crashes where it is installed. Used only when no other frame is in the
  // repository.
  return own.length > 0 ? own : placesBy(frames, (file) => installedFile(file, tracked));
}

function placesBy(frames: readonly StackFrame[], fileOf: (file: string) => string | null): Place[] {
  const places: Place[] = [];
  for (const frame of frames) {
    const file = fileOf(frame.file);
    if (file === null || frame.line === undefined || frame.line === 0) continue;
    if (places.some((p) => p.file === file && p.line === frame.line && p.column === frame.column)) continue;
    places.push({ file, line: frame.line, column: frame.column, function: frame.function, vars: frame.vars });
  }
  return places;
}

/** The exception to repair: the innermost cause that has frames in the repository, or else the outer exception. */
export function repairTarget(
  event: CapturedEvent,
  tracked: readonly string[],
): { exception: Exception; places: Place[] } {
  for (const exception of [event.exception, ...event.causes].reverse()) {
    const places = placesOf(exception.frames, tracked);
    if (places.length > 0) return { exception, places };
  }
  return { exception: event.exception, places: [] };
}

/**
 * Whether a package threw the exception, so that the newest in-repository frame only called it. Frames of the runtime
 * and of Elixir's standard library do not count.
 */
export function thrownElsewhere(frames: readonly StackFrame[], tracked: readonly string[]): boolean {
  const first = frames.find((f) => !isRuntime(f.file) && !isStandardLibrary(f));
  if (first === undefined || repositoryFile(first.file, tracked) !== null) return false;
  return frames.some((f) => repositoryFile(f.file, tracked) !== null) || installedFile(first.file, tracked) === null;
}

/** How a message says that a value was missing. */
const MISSING =
  /Cannot read propert|Cannot set propert|Cannot destructure|Cannot convert undefined or null|(?:undefined|null) is not (?:iterable|an object)/;

/**
 * Whether a package crashed on a missing value that this repository's code passed to it. True when the message says
 * that a value is missing and at most two frames of the package are above the repository's frame. The package then
 * wants a value there, so the call can be repaired.
 */
export function handedOver(exception: Pick<Exception, "value" | "frames">, tracked: readonly string[]): boolean {
  const { frames } = exception;
  if (!MISSING.test(exception.value) || !thrownElsewhere(frames, tracked)) return false;
  const ours = frames.findIndex((f) => repositoryFile(f.file, tracked) !== null);
  const above = frames.slice(0, ours).filter((f) => !isRuntime(f.file));
  return above.length > 0 && above.length <= 2 && above.every((f) => THIRD_PARTY.test(`/${cleanPath(f.file)}`));
}

/**
 * Whether the frame is in Elixir's standard library. Elixir prints those frames with paths like an app's. What their
 * functions expect is known.
 */
function isStandardLibrary({ file, function: name, inApp }: StackFrame): boolean {
  const own = /^(?:anonymous fn\/\d+ in )?(?:Enum|Enumerable|Map|Keyword|Access|List|Stream|:erlang|:maps|:lists)\./;
  return inApp === false && /\.(?:ex|erl)$/.test(file) && own.test(name ?? "");
}

function isRuntime(file: string): boolean {
  return file === "" || /^(?:node:|internal\/|native\b|\[native|<|evalmachine)/.test(file);
}

function sharedTail(a: readonly string[], b: readonly string[]): number {
  let shared = 0;
  while (shared < a.length && shared < b.length && a[a.length - 1 - shared] === b[b.length - 1 - shared]) shared += 1;
  return shared;
}

function lastOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

function decode(path: string): string {
  return path.includes("%") ? path.replace(/%20/g, " ").replace(/%40/g, "@") : path;
}
