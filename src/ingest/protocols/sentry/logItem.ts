import { z } from "zod";
import { parseStack } from "../../stacks/parseStack.ts";
import type { EventReader } from "../contract.ts";
import { asText, faultsOf, fewEntries, optional, present, ServiceName, Text, Timestamp, traceIds } from "../fields.ts";

const SentryLog = z.object({
  timestamp: Timestamp,
  level: z.string(),
  body: z.unknown(),
  trace_id: Text,
  span_id: Text,
  attributes: optional(z.preprocess(fewEntries, z.record(z.string(), z.object({ value: z.unknown() })))),
});

const LEVELS = new Set(["error", "fatal"]);

/**
 * Returns the reader of a log line of level error or fatal; null for other levels. A log line names no exception, so it
 * is grouped by its text only.
 */
export function readLog(wire: unknown, idOf: () => string): EventReader | null {
  const level = (wire as { level?: unknown } | null)?.level;
  if (typeof level !== "string" || !LEVELS.has(level)) return null;
  return (context) => {
    const parsed = SentryLog.safeParse(wire);
    if (!parsed.success) return { kind: "invalid", faults: faultsOf(parsed.error) };
    const { timestamp, body, trace_id, span_id, attributes } = parsed.data;
    const values = Object.fromEntries(Object.entries(attributes ?? {}).map(([name, { value }]) => [name, value]));
    const tags = asText(values);
    const service = ServiceName.safeParse(tags.service || context.defaultService);
    if (!service.success) return { kind: "invalid", faults: faultsOf(service.error, "attributes.service") };
    const value = typeof body === "string" ? body : (JSON.stringify(body) ?? "");
    return {
      kind: "event",
      event: present({
        id: idOf(),
        project: context.project,
        service: service.data,
        environment: tags["sentry.environment"],
        release: tags["sentry.release"],
        platform: "other" as const,
        level: level === "fatal" ? ("fatal" as const) : ("error" as const),
        handled: true,
        timestamp: timestamp ?? context.receivedAt,
        receivedAt: context.receivedAt,
        ...traceIds(trace_id, span_id),
        exception: { type: "LoggedError", value, frames: parseStack(value, "other", "") },
        causes: [],
        tags,
        extra: {},
      }),
    };
  };
}
