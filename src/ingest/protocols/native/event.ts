import { z } from "zod";
import type { CapturedRequest, Exception, Platform, StackFrame } from "../../../domain/event.ts";
import { frameOf } from "../../stacks/frame.ts";
import { parseStack, platformOfStack } from "../../stacks/parseStack.ts";
import type { WireResult } from "../contract.ts";
import {
  asJson,
  asText,
  EventId,
  Flag,
  faultsOf,
  optional,
  platformOf,
  present,
  ServiceName,
  Text,
  Timestamp,
  traceIds,
  Values,
  type WireContext,
  WireLevel,
} from "../fields.ts";
import { quickObject } from "../quickObject.ts";

/** A cause chain longer than this is cut: the domain keeps ten. */
const MAX_CAUSES = 10;

const WireFrame = quickObject({
  file: "text",
  filename: "text",
  function: "text",
  line: "count",
  lineno: "count",
  column: "count",
  colno: "count",
  in_app: "flag",
  context_line: "text",
  pre_context: "lines",
  post_context: "lines",
  vars: "values",
});

interface WireException {
  type: string;
  value?: string | undefined;
  stack?: string | undefined;
  frames?: z.output<typeof WireFrame>[] | undefined;
  frame_details?: z.output<typeof WireFrame>[] | undefined;
  cause?: WireException | undefined;
}

const WireException: z.ZodType<WireException> = z.object({
  type: z.string().trim().min(1, "must not be empty"),
  value: Text,
  stack: Text,
  frames: optional(z.array(WireFrame)),
  frame_details: optional(z.array(WireFrame)),
  cause: optional(z.lazy(() => WireException)),
});

const WireRequest = z.object({
  method: Text,
  url: z.string(),
  headers: Values,
  /** Text, or JSON that is kept as its text. */
  body: z.unknown().optional(),
});

/** The native form: snake_case on the wire, frames newest first. Unknown keys are ignored. */
const WireEvent = z.object({
  event_id: EventId,
  timestamp: Timestamp,
  platform: Text,
  level: WireLevel,
  service: optional(z.union([z.literal(""), ServiceName])),
  environment: Text,
  release: Text,
  trace_id: Text,
  span_id: Text,
  parent_span_id: Text,
  handled: Flag,
  exception: WireException,
  request: optional(WireRequest),
  tags: Values,
  extra: Values,
});

/** Reads the native form. Long texts are not cut here: `scrub` does, after secrets are out. */
export function readNative(wire: unknown, context: WireContext): WireResult {
  const parsed = WireEvent.safeParse(wire);
  const named = (wire as { service?: unknown } | null)?.service;
  const service = typeof named === "string" && named !== "" ? named : context.defaultService;
  const faults = parsed.success ? [] : faultsOf(parsed.error);
  if (service === undefined && !faults.some((fault) => fault.path === "service")) {
    faults.push({ path: "service", message: "required: the project of this key has not exactly one service" });
  }
  if (!parsed.success || service === undefined) return { kind: "invalid", faults };
  const given = parsed.data;
  const platform =
    given.platform === undefined ? platformOfStack(given.exception.stack ?? "") : platformOf(given.platform);
  return {
    kind: "event",
    event: present({
      id: given.event_id ?? context.newId(),
      project: context.project,
      service,
      environment: given.environment,
      release: given.release,
      platform,
      level: given.level ?? (given.handled === false ? "fatal" : "error"),
      handled: given.handled,
      timestamp: given.timestamp ?? context.receivedAt,
      receivedAt: context.receivedAt,
      ...traceIds(given.trace_id, given.span_id, given.parent_span_id),
      exception: exceptionOf(given.exception, platform),
      causes: causesOf(given.exception, platform),
      request: given.request && requestOf(given.request),
      tags: asText(given.tags),
      extra: asJson(given.extra),
    }),
  };
}

function exceptionOf(given: WireException, platform: Platform): Exception {
  const value = given.value ?? "";
  const frames = given.frames?.length
    ? given.frames.map((frame) => nativeFrame(frame, platform))
    : parseStack(given.stack ?? "", platform, `${given.type}: ${value}`);
  const details = (given.frame_details ?? []).map((frame) => nativeFrame(frame, platform));
  return { type: given.type, value, frames: details.length === 0 ? frames : withDetails(frames, details) };
}

/** Which frames there are says the stack; what else a client knows of them is found by their places. */
function withDetails(frames: readonly StackFrame[], details: readonly StackFrame[]): StackFrame[] {
  const byPlace = new Map<string, StackFrame[]>();
  for (const detail of details) byPlace.set(placeOf(detail), [...(byPlace.get(placeOf(detail)) ?? []), detail]);
  return frames.map((frame) => {
    // A function that calls itself is at one place several times; its details come in the same order.
    const detail = byPlace.get(placeOf(frame))?.shift();
    if (detail === undefined) return frame;
    const { contextLine, preContext, postContext, vars } = detail;
    return { ...frame, ...present({ contextLine, preContext, postContext, vars }) };
  });
}

function placeOf({ file, line, column }: StackFrame): string {
  return `${file}:${line}:${column}`;
}

function nativeFrame(given: z.output<typeof WireFrame>, platform: Platform): StackFrame {
  return frameOf(
    {
      file: given.file ?? given.filename,
      function: given.function,
      line: given.line ?? given.lineno,
      column: given.column ?? given.colno,
      inApp: given.in_app,
      contextLine: given.context_line,
      preContext: given.pre_context,
      postContext: given.post_context,
      vars: given.vars && asJson(given.vars),
    },
    platform,
  );
}

function causesOf(given: WireException, platform: Platform): Exception[] {
  const causes: Exception[] = [];
  for (let cause = given.cause; cause !== undefined && causes.length < MAX_CAUSES; cause = cause.cause) {
    causes.push(exceptionOf(cause, platform));
  }
  return causes;
}

function requestOf(given: z.output<typeof WireRequest>): CapturedRequest {
  const body = given.body ?? undefined;
  return present({
    method: given.method ?? "GET",
    url: given.url,
    headers: asText(given.headers),
    body: body === undefined || typeof body === "string" ? body : JSON.stringify(body),
  });
}
