import { parse } from "secure-json-parse";
import type { CapturedEvent, CapturedRequest, Exception, StackFrame } from "../../domain/event.ts";
import { present } from "../protocols/fields.ts";
import { isIdName } from "./randomRuns.ts";
import { BUILT_IN, type Redaction } from "./redactionConfig.ts";
import { redactText, type ScanMeter } from "./redactText.ts";
import { isSecretUnder, isSensitiveName } from "./secretAssignments.ts";

const SECRET = "[scrubbed:secret]";
/** Stands for a text that was not searched, because its Event has cost enough. */
const UNSEARCHED = "[cut]";
/** Characters of one Event that are searched, those of repeated rounds included. `cutEvent` leaves a fraction of it. */
export const MAX_SCANNED = 600_000;
/**
 * Limits of a map: its number of entries, and the characters of a key and of a value. Context helps, a dump does not.
 */
const TAGS = { entries: 64, key: 128, value: 512 };
const HEADERS = { entries: 64, key: 128, value: 2048 };
const EXTRA = { entries: 64, key: 128, value: 8192 };
/** A value that is cut can no longer be used as an argument of a call. */
const VARS = { entries: 64, key: 128, value: 4096 };

/** The operations on the texts of an Event. */
interface Scrubber {
  text(given: string): string;
  /** Redacts the message of an exception, whatever the Event has cost. */
  message(given: string): string;
  /**
   * Redacts names, places and source code. In these texts an unquoted `a: b` is not an assignment that reveals a value.
   */
  line(given: string): string;
  isSecret(name: string): boolean;
  cleanJson: Redaction["clean"]["json"];
}

/**
 * Removes secrets and personal data from an Event, and cuts it to the domain's lengths. Pure and idempotent. A text is
 * cut only after it was scrubbed, because half a secret matches no pattern.
 */
export function scrub(
  event: CapturedEvent,
  redaction: Redaction = BUILT_IN,
  meter: ScanMeter = { scanned: 0 },
): CapturedEvent {
  const search = (given: string, assignments: "all" | "quoted") =>
    meter.scanned > MAX_SCANNED && given.length > UNSEARCHED.length
      ? UNSEARCHED
      : redactText(given, assignments, redaction, meter);
  const by: Scrubber = {
    message: (given) => redactText(given, "all", redaction, meter),
    text: (given) => search(given, "all"),
    line: (given) => search(given, "quoted"),
    isSecret: (name) => isSensitiveName(name) || redaction.isDenied(name),
    cleanJson: redaction.clean.json,
  };
  return present({
    ...event,
    environment: event.environment === undefined ? undefined : line(event.environment, 128, by),
    release: event.release === undefined ? undefined : line(event.release, 256, by),
    exception: scrubException(event.exception, by),
    causes: event.causes.slice(0, 10).map((cause) => scrubException(cause, by)),
    request: event.request === undefined ? undefined : scrubRequest(event.request, by),
    tags: scrubMap(event.tags, TAGS, by, by.text),
    extra: scrubMap(event.extra, EXTRA, by, (value) => scrubJson(value, by)),
  });
}

function scrubException(exception: Exception, by: Scrubber): Exception {
  return {
    type: line(exception.type, 256, by) || "Error",
    value: settled(exception.value, 8192, by.message),
    frames: exception.frames.slice(0, 200).map((frame) => scrubFrame(frame, by)),
  };
}

function scrubFrame(frame: StackFrame, by: Scrubber): StackFrame {
  const clean = {
    file: line(frame.file, 1024, by),
    function: frame.function === undefined ? undefined : line(frame.function, 256, by),
    // Source code, which is in the repository anyway: only literals and tokens are redacted.
    contextLine: frame.contextLine === undefined ? undefined : line(frame.contextLine, 2048, by),
    preContext: frame.preContext?.map((text) => line(text, 512, by)),
    postContext: frame.postContext?.map((text) => line(text, 512, by)),
    vars: frame.vars === undefined ? undefined : scrubMap(frame.vars, VARS, by, (value) => scrubJson(value, by)),
  };
  // Usually nothing was redacted. Then the frame is not copied.
  const isClean =
    clean.vars === undefined &&
    clean.file === frame.file &&
    clean.function === frame.function &&
    clean.contextLine === frame.contextLine &&
    areSame(clean.preContext, frame.preContext) &&
    areSame(clean.postContext, frame.postContext);
  return isClean ? frame : present({ ...frame, ...clean });
}

/** Compares two lists of the same length. */
function areSame(lines: readonly string[] = [], others: readonly string[] = []): boolean {
  return lines.every((text, index) => text === others[index]);
}

function scrubRequest(request: CapturedRequest, by: Scrubber): CapturedRequest {
  return present({
    method: line(request.method, 16, by),
    url: settled(request.url, 8192, by.text),
    headers: scrubMap(request.headers, HEADERS, by, by.text),
    body: request.body === undefined ? undefined : settled(request.body, 65_536, (text) => scrubJson(text, by)),
  });
}

function line(text: string, max: number, by: Scrubber): string {
  return settled(text, max, by.line);
}

function scrubMap(
  map: Record<string, string>,
  limit: { entries: number; key: number; value: number },
  by: Scrubber,
  clean: (value: string) => string,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(map)
      .slice(0, limit.entries)
      .map(([key, value]) => [
        settled(key, limit.key, by.text),
        (by.isSecret(key) && !tellsNothing(value)) || isSecretUnder(key, value)
          ? SECRET
          : settled(value, limit.value, isNamedId(key, value) ? by.line : clean),
      ]),
  );
}

/** Scrubs JSON by its names, at any depth. Clean JSON keeps its original text. */
function scrubJson(text: string, by: Scrubber): string {
  // Most values are small numbers and flags. They need no parse.
  if (/^(?:-?\d{1,12}(?:\.\d{1,6})?|true|false|null|undefined)$/.test(text) || by.cleanJson.has(text)) return text;
  let parsed: unknown;
  try {
    parsed = parse(text, { protoAction: "remove", constructorAction: "remove" });
  } catch {
    return by.text(text);
  }
  const clean = JSON.stringify(scrubValue(parsed, by));
  if (clean !== JSON.stringify(parsed) || by.text(text) !== text) return clean;
  by.cleanJson.add(text);
  return text;
}

function scrubValue(value: unknown, by: Scrubber, name = ""): unknown {
  if (typeof value === "string") return isNamedId(name, value) ? by.line(value) : by.text(value);
  if (typeof value === "number") return by.text(String(value)) === String(value) ? value : by.text(String(value));
  if (Array.isArray(value)) return value.map((item) => scrubValue(item, by));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      by.text(key),
      (by.isSecret(key) && !tellsNothing(inner)) || isSecretScalar(key, inner) ? SECRET : scrubValue(inner, by, key),
    ]),
  );
}

/** One word under a name such as `traceId`: it stays, although it looks like a key. */
function isNamedId(name: string, value: string): boolean {
  return /^"?[\w.:-]+"?$/.test(value) && isIdName(name);
}

function isSecretScalar(name: string, value: unknown): boolean {
  return (typeof value === "string" || typeof value === "number") && isSecretUnder(name, String(value));
}

/** Absent values and flags are not secrets, and "it was null" is what a repair needs most. */
function tellsNothing(value: unknown): boolean {
  return (
    value === null ||
    value === "" ||
    typeof value === "boolean" ||
    /^(?:""|null|undefined|true|false)$/.test(String(value))
  );
}

/**
 * Cleans, cuts, and cleans again, because a cut can create a new match. The room shrinks by an eighth each round, so that
 * no text makes more than a few rounds.
 */
function settled(text: string, max: number, clean: (text: string) => string): string {
  let current = clean(text);
  for (let room = max; current.length > max; room -= Math.ceil(room / 8)) current = clean(cut(current, room));
  return current;
}

/** The first `max` UTF-16 units, without half a surrogate pair and without half a `[scrubbed:kind]` at the end. */
function cut(text: string, max: number): string {
  const kept = text.slice(0, max).replace(/[\ud800-\udbff]$/, "");
  const open = kept.lastIndexOf("[");
  const isHalf =
    open >= 0 && !kept.includes("]", open) && /^\[scrubbed:[^\]]{1,64}\]/.test(text.slice(open, open + 80));
  return isHalf ? kept.slice(0, open) : kept;
}
