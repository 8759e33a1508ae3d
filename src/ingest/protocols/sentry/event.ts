import { z } from "zod";
import type { CapturedRequest, Exception, Platform, StackFrame } from "../../../domain/event.ts";
import { frameOf } from "../../frame.ts";
import type { WireResult } from "../contract.ts";
import {
  asJson,
  asText,
  Count,
  EventId,
  Flag,
  faultsOf,
  optional,
  platformOf,
  present,
  ServiceName,
  Text,
  Timestamp,
  Values,
  type WireContext,
  WireLevel,
} from "../fields.ts";

const MAX_CAUSES = 10;

const SentryFrame = z.object({
  filename: Text,
  abs_path: Text,
  module: Text,
  function: Text,
  lineno: Count,
  colno: Count,
  in_app: Flag,
  context_line: Text,
  vars: Values,
});

const SentryException = z.object({
  type: Text,
  value: optional(z.unknown()),
  stacktrace: optional(z.object({ frames: optional(z.array(SentryFrame)) })),
  mechanism: optional(z.object({ handled: Flag })),
});

/** Sentry writes tags and headers as an object or as a list of pairs. */
const Pairs = optional(
  z.union([
    z.record(z.string(), z.unknown()),
    z.array(z.tuple([z.string(), z.unknown()])).transform((pairs) => Object.fromEntries(pairs)),
  ]),
);

const SentryRequest = z.object({
  method: Text,
  url: Text,
  query_string: z.unknown().optional(),
  headers: Pairs,
  data: z.unknown().optional(),
});

/** `{values: […]}`, or the list alone. */
const SentryExceptions = z.preprocess(
  (given) => (Array.isArray(given) ? { values: given } : given),
  z.object({ values: z.array(SentryException).min(1, "must hold at least one exception") }),
);

const SentryEvent = z.object({
  event_id: EventId,
  timestamp: Timestamp,
  platform: Text,
  level: WireLevel,
  environment: Text,
  release: Text,
  exception: SentryExceptions,
  request: optional(SentryRequest),
  tags: Pairs,
  extra: Values,
});

/** Whether a payload is a Sentry event with exceptions, rather than the native form. */
export function isSentryForm(wire: object): boolean {
  const exception = (wire as { exception?: unknown }).exception;
  return Array.isArray(exception) || (typeof exception === "object" && exception !== null && "values" in exception);
}

/**
 * Reads a Sentry event: `exception.values` has the innermost cause first and the captured exception last, frames oldest first.
 * Sentry knows no service: the tag `service` names it, else the project's only one is meant. User and cookies are not read.
 */
export function readSentry(wire: unknown, context: WireContext): WireResult {
  const parsed = SentryEvent.safeParse(wire);
  if (!parsed.success) return { kind: "invalid", faults: faultsOf(parsed.error) };
  const given = parsed.data;
  const tags = asText(given.tags);
  const service = ServiceName.safeParse(tags.service || context.defaultService);
  const captured = given.exception.values.at(-1);
  if (!service.success || captured === undefined) {
    return { kind: "invalid", faults: faultsOf(service.error ?? new z.ZodError([]), "tags.service") };
  }
  const platform = platformOf(given.platform ?? "");
  const handled = captured.mechanism?.handled;
  return {
    kind: "event",
    event: present({
      id: given.event_id ?? context.newId(),
      project: context.project,
      service: service.data,
      environment: given.environment,
      release: given.release,
      platform,
      level: given.level ?? "error",
      handled,
      timestamp: given.timestamp ?? context.receivedAt,
      receivedAt: context.receivedAt,
      exception: exceptionOf(captured, platform),
      causes: given.exception.values
        .slice(0, -1)
        .reverse()
        .slice(0, MAX_CAUSES)
        .map((cause) => exceptionOf(cause, platform)),
      request: given.request && requestOf(given.request),
      tags,
      extra: asJson(given.extra),
    }),
  };
}

function exceptionOf(given: z.output<typeof SentryException>, platform: Platform): Exception {
  const value = given.value ?? "";
  return {
    type: given.type || "Error",
    value: typeof value === "string" ? value : JSON.stringify(value),
    frames: (given.stacktrace?.frames ?? []).map((frame) => sentryFrame(frame, platform)).reverse(),
  };
}

function sentryFrame(given: z.output<typeof SentryFrame>, platform: Platform): StackFrame {
  const name = given.function ?? "";
  return frameOf(
    {
      file: given.abs_path ?? given.filename ?? given.module,
      function: platform === "java" && given.module !== undefined ? `${given.module}.${name}` : name,
      line: given.lineno,
      column: given.colno,
      inApp: given.in_app,
      contextLine: given.context_line,
      vars: given.vars && asJson(given.vars),
    },
    platform,
  );
}

function requestOf(given: z.output<typeof SentryRequest>): CapturedRequest {
  const url = given.url ?? "";
  const query = queryOf(given.query_string);
  const body = given.data ?? undefined;
  return present({
    method: given.method ?? "GET",
    url: query === "" || url.includes("?") ? url : `${url}?${query}`,
    headers: asText(given.headers),
    body: body === undefined || typeof body === "string" ? body : JSON.stringify(body),
  });
}

/** Sentry's query is text, an object or a list of pairs. */
function queryOf(query: unknown): string {
  if (typeof query === "string") return query.replace(/^\?/, "");
  const pairs = Pairs.safeParse(query);
  return new URLSearchParams(asText(pairs.data)).toString();
}
