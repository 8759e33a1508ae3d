import { parse } from "secure-json-parse";
import type { CapturedEvent, CapturedRequest, Exception, StackFrame } from "../domain/event.ts";
import { isSensitiveName } from "./assignments.ts";
import { createCleanTexts } from "./clean.ts";
import { present } from "./protocols/fields.ts";
import { redactText } from "./redact.ts";

const SECRET = "[scrubbed:secret]";
const CLEAN_JSON = createCleanTexts();
/** How many entries of a map, and how long each, are kept: context helps, a dump does not. */
const TAGS = { entries: 64, key: 128, value: 512 };
const HEADERS = { entries: 64, key: 128, value: 2048 };
const EXTRA = { entries: 64, key: 128, value: 8192 };
/** A variable that is cut cannot be called with any more. */
const VARS = { entries: 64, key: 128, value: 4096 };

/**
 * An Event without secrets and personal data, and within the domain's lengths. Pure; doing it again changes nothing.
 * Texts are cut only after they were scrubbed: half a secret matches no pattern.
 */
export function scrub(event: CapturedEvent): CapturedEvent {
  return present({
    ...event,
    environment: event.environment === undefined ? undefined : line(event.environment, 128),
    release: event.release === undefined ? undefined : line(event.release, 256),
    exception: scrubException(event.exception),
    causes: event.causes.slice(0, 10).map(scrubException),
    request: event.request === undefined ? undefined : scrubRequest(event.request),
    tags: scrubMap(event.tags, TAGS, (value) => redactText(value)),
    extra: scrubMap(event.extra, EXTRA, scrubJson),
  });
}

function scrubException(exception: Exception): Exception {
  return {
    type: line(exception.type, 256) || "Error",
    value: settled(exception.value, 8192, (text) => redactText(text)),
    frames: exception.frames.slice(0, 200).map(scrubFrame),
  };
}

function scrubFrame(frame: StackFrame): StackFrame {
  const clean = {
    file: line(frame.file, 1024),
    function: frame.function === undefined ? undefined : line(frame.function, 256),
    // Source code, which is in the repository anyway: only literals and tokens are taken out.
    contextLine: frame.contextLine === undefined ? undefined : line(frame.contextLine, 2048),
    preContext: frame.preContext?.map((text) => line(text, 512)),
    postContext: frame.postContext?.map((text) => line(text, 512)),
    vars: frame.vars === undefined ? undefined : scrubMap(frame.vars, VARS, scrubJson),
  };
  // Nearly always there is nothing to be taken out.
  const isClean =
    clean.vars === undefined &&
    clean.file === frame.file &&
    clean.function === frame.function &&
    clean.contextLine === frame.contextLine &&
    areSame(clean.preContext, frame.preContext) &&
    areSame(clean.postContext, frame.postContext);
  return isClean ? frame : present({ ...frame, ...clean });
}

/** Of as many lines. */
function areSame(lines: readonly string[] = [], others: readonly string[] = []): boolean {
  return lines.every((text, index) => text === others[index]);
}

function scrubRequest(request: CapturedRequest): CapturedRequest {
  return present({
    method: line(request.method, 16),
    url: settled(request.url, 8192, (text) => redactText(text)),
    headers: scrubMap(request.headers, HEADERS, (value) => redactText(value)),
    body: request.body === undefined ? undefined : settled(request.body, 65_536, scrubJson),
  });
}

/** Names and places. `a: b` in them is no assignment, as it is none in source code. */
function line(text: string, max: number): string {
  return settled(text, max, (given) => redactText(given, "quoted"));
}

function scrubMap(
  map: Record<string, string>,
  limit: { entries: number; key: number; value: number },
  clean: (value: string) => string,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(map)
      .slice(0, limit.entries)
      .map(([key, value]) => [
        settled(key, limit.key, (text) => redactText(text)),
        isSensitiveName(key) && !tellsNothing(value) ? SECRET : settled(value, limit.value, clean),
      ]),
  );
}

/** JSON is scrubbed by its names, whatever the nesting; what was clean keeps its own text. */
function scrubJson(text: string): string {
  // Most values are small numbers and flags; they need no tree.
  if (/^(?:-?\d{1,12}(?:\.\d{1,6})?|true|false|null|undefined)$/.test(text) || CLEAN_JSON.has(text)) return text;
  let parsed: unknown;
  try {
    parsed = parse(text, { protoAction: "remove", constructorAction: "remove" });
  } catch {
    return redactText(text);
  }
  const clean = JSON.stringify(scrubValue(parsed));
  if (clean !== JSON.stringify(parsed) || redactText(text) !== text) return clean;
  CLEAN_JSON.add(text);
  return text;
}

function scrubValue(value: unknown): unknown {
  if (typeof value === "string") return redactText(value);
  if (typeof value === "number") return redactText(String(value)) === String(value) ? value : redactText(String(value));
  if (Array.isArray(value)) return value.map(scrubValue);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      redactText(key),
      isSensitiveName(key) && !tellsNothing(inner) ? SECRET : scrubValue(inner),
    ]),
  );
}

/** Absent values and flags are no secrets, and "it was null" is what a repair needs most. */
function tellsNothing(value: unknown): boolean {
  return (
    value === null ||
    value === "" ||
    typeof value === "boolean" ||
    /^(?:""|null|undefined|true|false)$/.test(String(value))
  );
}

/** Cleans, then cuts; and cleans again, because a cut can make something new. Less room each round: it always ends. */
function settled(text: string, max: number, clean: (text: string) => string): string {
  let current = clean(text);
  for (let room = max; current.length > max; room--) current = clean(cut(current, room));
  return current;
}

/** The first `max` UTF-16 units, without half a character at the end. */
function cut(text: string, max: number): string {
  return text.slice(0, max).replace(/[\ud800-\udbff]$/, "");
}
