import { parse } from "secure-json-parse";
import type { CapturedEvent, Exception } from "../../domain/event.ts";
import { present } from "../protocols/fields.ts";
import type { Redaction } from "./redactionConfig.ts";

const SECRET = "[scrubbed:secret]";

/**
 * Replaces the values under configured names at any depth of tags, headers, context, local variables and a JSON body.
 * It runs before `scrub`, which also finds these names in text if `=` or `:` follows.
 */
export function withoutDeniedNames(event: CapturedEvent, isDenied: Redaction["isDenied"]): CapturedEvent {
  const json = (text: string) => cleanJson(text, isDenied);
  const map = (entries: Record<string, string>, clean: (value: string) => string) =>
    Object.fromEntries(Object.entries(entries).map(([key, value]) => [key, isDenied(key) ? SECRET : clean(value)]));
  const exception = (one: Exception): Exception => ({
    ...one,
    frames: one.frames.map((frame) => (frame.vars === undefined ? frame : { ...frame, vars: map(frame.vars, json) })),
  });
  const { request } = event;
  return present({
    ...event,
    exception: exception(event.exception),
    causes: event.causes.map(exception),
    request:
      request &&
      present({
        ...request,
        headers: map(request.headers, (value) => value),
        body: request.body === undefined ? undefined : json(request.body),
      }),
    tags: map(event.tags, (value) => value),
    extra: map(event.extra, json),
  });
}

/** A text that is not JSON, or that has no denied name, stays unchanged. */
function cleanJson(text: string, isDenied: (name: string) => boolean): string {
  if (!/^\s{0,16}[[{]/.test(text)) return text;
  let changed = false;
  const clean = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(clean);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => {
        if (!isDenied(key)) return [key, clean(inner)];
        changed = true;
        return [key, SECRET];
      }),
    );
  };
  try {
    const cleaned = clean(parse(text, { protoAction: "remove", constructorAction: "remove" }));
    return changed ? JSON.stringify(cleaned) : text;
  } catch {
    return text;
  }
}
