import type { CapturedEvent, Exception } from "../../domain/event.ts";
import { cleanText } from "../sandbox/outputBuffer.ts";
import { functionName, type PrintedFrame, parseFrame, positionOf, repositoryFile } from "./printedFrames.ts";

/** Whether an output shows an exception, and why or why not, in words. */
export type ExceptionMatch = { matches: true; why: string } | { matches: false; why: string };

const MAX_LINES = 20_000;
const MAX_LINE_LENGTH = 1024;
/** How many lines below (in Python: above) its message an exception's frames may be. */
const FRAMES_WITHIN = 80;
/** The start of another exception. Frames below it belong to that exception. */
const NEXT_EXCEPTION =
  /^\s*(?:\[cause\]:|Caused by:|\[errors\]:|\*\* \(|(?:Uncaught )?[\w.$]*(?:Error|Exception)\b[^:]*: )/;

/**
 * Whether an output shows the Event's exception or one of its causes: its type, its message, and the same place.
 * Numbers, quoted parts and paths in the message are ignored. The place is the topmost frame in the repository. It is
 * the same if the files match by path suffix, and the functions match where both sides name one. If the Event's own top
 * frame is missing in the output (inlined, truncated), the output's top frame may match another frame of the Event.
 */
export function matchesException(
  output: string,
  event: Pick<CapturedEvent, "exception" | "causes">,
  repoFiles: readonly string[],
): ExceptionMatch {
  const lines = cleanText(output)
    .split("\n")
    .slice(-MAX_LINES)
    .map((line) => line.slice(0, MAX_LINE_LENGTH));
  const failures: string[] = [];
  for (const exception of [event.exception, ...event.causes]) {
    const result = matchOne(lines, exception, repoFiles);
    if (result.matches) return result;
    failures.push(result.why);
  }
  return { matches: false, why: failures[0] ?? "no exception" };
}

interface Place {
  file: string;
  function: string | null;
  at?: string | undefined;
}

function matchOne(lines: readonly string[], exception: Exception, repoFiles: readonly string[]): ExceptionMatch {
  const wanted = exception.frames.flatMap((f): Place[] => {
    const file = repositoryFile(f.file, repoFiles);
    const at = f.line !== undefined && f.column !== undefined ? `${f.line}:${f.column}` : undefined;
    return file === null ? [] : [{ file, function: functionName(f.function), at }];
  });
  if (wanted.length === 0) return { matches: false, why: "the event has no frame in the repository" };
  let why = `the output does not show ${exception.type} with this message`;
  for (const [i] of lines.entries()) {
    if (!showsHead(lines, i, exception)) continue;
    const shown = framesOf(lines, i).flatMap((f): Place[] => {
      const file = repositoryFile(f.file, repoFiles);
      return file === null ? [] : [{ file, function: f.function, at: f.at }];
    });
    const fault = placeFault(shown, wanted);
    if (fault === null) return { matches: true, why: `${exception.type} at ${placeText(shown[0])}` };
    why = `${exception.type} is shown, but ${fault}`;
  }
  return { matches: false, why };
}

function placeFault(shown: readonly Place[], wanted: readonly Place[]): string | null {
  const [top] = shown;
  const [wantedTop] = wanted;
  if (top === undefined || wantedTop === undefined) return "without a frame in the repository";
  if (samePlace(top, wantedTop)) return null;
  const hidden = !shown.some((place) => samePlace(place, wantedTop));
  if (hidden && wanted.some((place) => samePlace(place, top))) return null;
  return `at ${placeText(top)} and not at ${placeText(wantedTop)}`;
}

/**
 * Whether two frames are in the same function, or at the same line and column. jest names functions after the nearest
 * name in its source map.
 */
function samePlace(a: Place, b: Place): boolean {
  if (a.file !== b.file) return false;
  if (a.function === null || b.function === null || a.function === b.function) return true;
  return a.at !== undefined && a.at === b.at;
}

function placeText(place: Place | undefined): string {
  if (place === undefined) return "nowhere";
  return place.function === null ? place.file : `${place.function} (${place.file})`;
}

/**
 * Whether this line shows the exception's type and message, or starts a report that names the type a few lines later.
 */
function showsHead(lines: readonly string[], i: number, exception: Exception): boolean {
  const line = lines[i] ?? "";
  const message =
    exception.value
      .split("\n")
      .find((part) => part.trim() !== "")
      ?.trim()
      .slice(0, 200) ?? "";
  if (message === "") return showsType(line, exception.type);
  if (!showsMessage(line, message)) return false;
  if (showsType(line, exception.type)) return true;
  // tap's report names the type after the stack.
  if (/^\s*not ok \d+ - /.test(line))
    return reportOf(lines, i).some((next) => /^\s*type:/.test(next) && showsType(next, exception.type));
  const near = lines.slice(i + 1, i + 7);
  return /^\s*error:/.test(line) && near.some((next) => /^\s*name:/.test(next) && showsType(next, exception.type));
}

/** The lines of the YAML report below a TAP result. */
function reportOf(lines: readonly string[], i: number): readonly string[] {
  const rest = lines.slice(i + 1, i + 1 + FRAMES_WITHIN);
  const end = rest.findIndex((line) => /^\s*\.\.\.$/.test(line));
  return end < 0 || !/^\s*---/.test(rest[0] ?? "") ? [] : rest.slice(0, end);
}

function showsType(line: string, type: string): boolean {
  // Clients report the name "Error" for a class without its own name. Programs print the class name.
  if (type === "Error") return /(?:^|[^\w$])[\w$]*(?:Error|Exception)(?:[^\w$]|$)/.test(line);
  return containsWord(line, type);
}

function showsMessage(line: string, message: string): boolean {
  if (containsWord(line, message)) return true;
  const unquoted = /^\s*error: (["'])(.*)\1$/.exec(line)?.[2] ?? line;
  return containsWord(templateOf(unquoted), templateOf(message));
}

/** Whether `text` contains `part` as whole words. */
function containsWord(text: string, part: string): boolean {
  for (let at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + 1)) {
    const joined = (outer: string | undefined, inner: string | undefined) =>
      /^[\w$]$/.test(outer ?? "") && /^[\w$]$/.test(inner ?? "");
    if (!joined(text[at - 1], part[0]) && !joined(text[at + part.length], part.at(-1))) return true;
  }
  return false;
}

/**
 * A message without its data: quoted parts, paths and numbers become placeholders. What V8 quotes in `(reading 'name')`
 * is code and is kept.
 */
export function templateOf(message: string): string {
  return message
    .replace(/\((reading|setting) '([^']*)'\)/g, "($1 $2)")
    .replace(/"[^"]*"|`[^`]*`|(?<!\w)'[^']*'/g, "‹›")
    .replace(/(?:[A-Za-z]:)?(?:\.{0,2}[\\/][\w.@%+-]+){2,}/g, "‹path›")
    .replace(/\b0x[0-9a-f]+\b|\b[0-9a-f]{8}-[0-9a-f-]{27}\b|\b[0-9a-f]{12,}\b/gi, "‹n›")
    .replace(/\d+(?:[.,]\d+)*/g, "‹n›")
    .replace(/\s+/g, " ")
    .trim();
}

/** A printed frame. `at`: its line and column, if both are printed. */
type PlacedFrame = PrintedFrame & { at?: string | undefined };

/** The frames printed for the exception at line `head`, newest first. */
function framesOf(lines: readonly string[], head: number): PlacedFrame[] {
  const frames: PlacedFrame[] = [];
  let others = 0;
  for (const line of lines.slice(head + 1, head + 1 + FRAMES_WITHIN)) {
    const shown = parseFrame(line);
    if (shown !== null) {
      frames.push({ ...shown, at: positionOf(line) });
      others = 0;
      continue;
    }
    if (NEXT_EXCEPTION.test(line)) break;
    // Source excerpts between frames (vitest), and counts of omitted frames.
    if (/^\s*(?:\d*\s*[|│]|\.\.\. )/.test(line)) continue;
    others += 1;
    if (frames.length > 0 && others > 3) break;
  }
  return frames.length > 0 ? frames : framesAbove(lines, head);
}

/** Python prints the frames above the message, newest last. */
function framesAbove(lines: readonly string[], head: number): PlacedFrame[] {
  const frames: PlacedFrame[] = [];
  for (let i = head - 1; i >= 0 && head - i < FRAMES_WITHIN; i -= 1) {
    const line = lines[i] ?? "";
    if (/^\s*Traceback \(/.test(line)) return frames;
    const shown = /^\s*File "/.test(line) ? parseFrame(line) : null;
    if (shown !== null) frames.push(shown);
  }
  return [];
}
