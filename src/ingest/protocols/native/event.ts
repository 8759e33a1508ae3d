import { z } from "zod";
import type { CapturedRequest, Exception, Platform, StackFrame } from "../../../domain/event.ts";
import { frameOf } from "../../stacks/frame.ts";
import { parseStack, platformOfStack } from "../../stacks/parseStack.ts";
import { bodyText, EVENT_FIELDS, FRAME_FIELDS, frameDetails, MAX_CAUSES, wireEvent } from "../buildEvent.ts";
import type { WireResult } from "../contract.ts";
import {
  asText,
  Flag,
  faultsOf,
  listUpTo,
  MAX_FRAMES,
  optional,
  platformOf,
  present,
  ServiceName,
  Text,
  Values,
  type WireContext,
} from "../fields.ts";
import { quickObject } from "../quickObject.ts";

const WireFrame = quickObject({ ...FRAME_FIELDS, file: "text", filename: "text", line: "count", column: "count" });

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
  frames: optional(listUpTo(WireFrame, MAX_FRAMES, "first")),
  frame_details: optional(listUpTo(WireFrame, MAX_FRAMES, "first")),
  cause: optional(z.lazy(() => WireException)),
});

const WireRequest = z.object({
  method: Text,
  url: z.string(),
  headers: Values,
  /** Text, or JSON that is stored as its text. */
  body: z.unknown().optional(),
});

/** The native form: snake_case on the wire, frames newest first. Unknown keys are ignored. */
const WireEvent = z.object({
  ...EVENT_FIELDS,
  service: optional(z.union([z.literal(""), ServiceName])),
  trace_id: Text,
  span_id: Text,
  parent_span_id: Text,
  handled: Flag,
  exception: WireException,
  request: optional(WireRequest),
  tags: Values,
});

/** Reads the native form. Long texts are not cut here: `scrub` cuts them after it has removed secrets. */
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
  const own = {
    service,
    platform,
    level: given.level ?? (given.handled === false ? ("fatal" as const) : ("error" as const)),
    handled: given.handled,
    trace: given,
    exception: exceptionOf(given.exception, platform),
    causes: causesOf(given.exception, platform),
    request: given.request && requestOf(given.request),
    tags: asText(given.tags),
  };
  return wireEvent(given, own, context);
}

function exceptionOf(given: WireException, platform: Platform): Exception {
  const value = given.value ?? "";
  const frames = given.frames?.length
    ? given.frames.map((frame) => nativeFrame(frame, platform))
    : parseStack(given.stack ?? "", platform, `${given.type}: ${value}`);
  const details = (given.frame_details ?? []).map((frame) => nativeFrame(frame, platform));
  return { type: given.type, value, frames: details.length === 0 ? frames : withDetails(frames, details) };
}

/**
 * Adds source lines and variables to frames. The stack determines which frames there are; the details are matched by
 * place.
 */
function withDetails(frames: readonly StackFrame[], details: readonly StackFrame[]): StackFrame[] {
  const byPosition = new Map<string, StackFrame[]>();
  for (const detail of details)
    byPosition.set(positionOf(detail), [...(byPosition.get(positionOf(detail)) ?? []), detail]);
  return frames.map((frame) => {
    // A function that calls itself is at one place several times; its details come in the same order.
    const detail = byPosition.get(positionOf(frame))?.shift();
    if (detail === undefined) return frame;
    const { contextLine, preContext, postContext, vars } = detail;
    return { ...frame, ...present({ contextLine, preContext, postContext, vars }) };
  });
}

function positionOf({ file, line, column }: StackFrame): string {
  return `${file}:${line}:${column}`;
}

function nativeFrame(given: z.output<typeof WireFrame>, platform: Platform): StackFrame {
  return frameOf(
    {
      file: given.file ?? given.filename,
      function: given.function,
      line: given.line ?? given.lineno,
      column: given.column ?? given.colno,
      ...frameDetails(given),
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
  return present({
    method: given.method ?? "GET",
    url: given.url,
    headers: asText(given.headers),
    body: bodyText(given.body),
  });
}
