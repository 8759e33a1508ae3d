import type { z } from "zod";
import type { CapturedEvent, CapturedRequest, Platform } from "../../domain/event.ts";
import type { RawFrame } from "../stacks/frame.ts";
import type { WireResult } from "./contract.ts";
import { asJson, EventId, present, Text, Timestamp, traceIds, Values, type WireContext, WireLevel } from "./fields.ts";

/** Causes that are read. The domain keeps ten; one more shows that there were more. */
export const MAX_CAUSES = 11;

/** The fields that the native form and Sentry's events share, by name and meaning. */
export const EVENT_FIELDS = {
  event_id: EventId,
  timestamp: Timestamp,
  platform: Text,
  level: WireLevel,
  environment: Text,
  release: Text,
  extra: Values,
};

/** The fields of a stack frame that both share, for `quickObject`. */
export const FRAME_FIELDS = {
  function: "text",
  lineno: "count",
  colno: "count",
  in_app: "flag",
  context_line: "text",
  pre_context: "lines",
  post_context: "lines",
  vars: "values",
} as const;

/** What both say of a frame beside its place. */
export function frameDetails(given: {
  in_app?: boolean | undefined;
  context_line?: string | undefined;
  pre_context?: string[] | undefined;
  post_context?: string[] | undefined;
  vars?: Record<string, unknown> | undefined;
}): Pick<RawFrame, "inApp" | "contextLine" | "preContext" | "postContext" | "vars"> {
  return {
    inApp: given.in_app,
    contextLine: given.context_line,
    preContext: given.pre_context,
    postContext: given.post_context,
    vars: given.vars && asJson(given.vars),
  };
}

type EventFields = { [K in keyof typeof EVENT_FIELDS]?: z.output<(typeof EVENT_FIELDS)[K]> };

interface OwnParts extends Pick<CapturedEvent, "service" | "level" | "exception" | "causes" | "tags"> {
  platform: Platform;
  handled: boolean | undefined;
  trace:
    | { trace_id?: string | undefined; span_id?: string | undefined; parent_span_id?: string | undefined }
    | undefined;
  request: CapturedRequest | undefined;
}

/** The Event of the shared fields and of what each protocol reads in its own way. The server's clock stands in for a missing time. */
export function wireEvent(given: EventFields, own: OwnParts, context: WireContext): WireResult {
  const { trace } = own;
  return {
    kind: "event",
    event: present({
      id: given.event_id ?? context.newId(),
      project: context.project,
      service: own.service,
      environment: given.environment,
      release: given.release,
      platform: own.platform,
      level: own.level,
      handled: own.handled,
      timestamp: given.timestamp ?? context.receivedAt,
      receivedAt: context.receivedAt,
      ...traceIds(trace?.trace_id, trace?.span_id, trace?.parent_span_id),
      exception: own.exception,
      causes: own.causes,
      request: own.request,
      tags: own.tags,
      extra: asJson(given.extra),
    }),
  };
}

/** A request's body as text: text as it is, anything else as JSON; undefined where there is none. */
export function bodyText(body: unknown): string | undefined {
  if (body === undefined || body === null) return undefined;
  return typeof body === "string" ? body : JSON.stringify(body);
}
