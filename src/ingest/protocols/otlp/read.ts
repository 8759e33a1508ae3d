import { z } from "zod";
import { messageOf } from "../../../domain/errors.ts";
import type { Level } from "../../../domain/event.ts";
import { parseJson } from "../../transport/json.ts";
import type { Contents, EventReader, Refusal, WireBody } from "../contract.ts";
import { summaryOf, unreadable } from "../faults.ts";
import { Count, faultsOf, optional } from "../fields.ts";
import { Attributes, HexId, UnixNano } from "./attributes.ts";
import { hasException, type Recorded, readException } from "./exception.ts";
import { decode, exceeds } from "./schema.ts";

const Resource = optional(z.object({ attributes: Attributes }));
const listOf = <T extends z.ZodType>(schema: T) => optional(z.array(schema)).transform((list) => list ?? []);

const LogRecord = z.object({
  timeUnixNano: UnixNano,
  observedTimeUnixNano: UnixNano,
  severityNumber: Count,
  attributes: Attributes,
  traceId: HexId,
  spanId: HexId,
});

const Logs = z.object({
  resourceLogs: listOf(
    z.object({ resource: Resource, scopeLogs: listOf(z.object({ logRecords: listOf(LogRecord) })) }),
  ),
});

const Span = z.object({
  traceId: HexId,
  spanId: HexId,
  parentSpanId: HexId,
  attributes: Attributes,
  events: listOf(z.object({ timeUnixNano: UnixNano, attributes: Attributes })),
});

const Traces = z.object({
  resourceSpans: listOf(z.object({ resource: Resource, scopeSpans: listOf(z.object({ spans: listOf(Span) })) })),
});

/** Reads the exceptions on log records. Other log records are discarded and counted. */
export function readLogs(body: WireBody): Contents | Refusal {
  const given = messageOfBody(body, "ExportLogsServiceRequest", Logs);
  if ("code" in given) return given;
  const found = new Exceptions("logRecord");
  for (const { resource, scopeLogs } of given.value.resourceLogs) {
    for (const record of scopeLogs.flatMap(({ logRecords }) => logRecords)) {
      const { attributes, traceId, spanId, timeUnixNano, observedTimeUnixNano } = record;
      found.add({
        resource: resource?.attributes ?? {},
        attributes,
        span: {},
        traceId,
        spanId,
        at: timeUnixNano ?? observedTimeUnixNano,
        level: levelOf(record.severityNumber),
      });
    }
  }
  return found.contents(body);
}

/** Reads the exceptions that were recorded as events of spans. */
export function readTraces(body: WireBody): Contents | Refusal {
  const given = messageOfBody(body, "ExportTraceServiceRequest", Traces);
  if ("code" in given) return given;
  const found = new Exceptions("spanEvent");
  for (const { resource, scopeSpans } of given.value.resourceSpans) {
    for (const { traceId, spanId, parentSpanId, events, attributes: span } of scopeSpans.flatMap(
      ({ spans }) => spans,
    )) {
      for (const { attributes, timeUnixNano: at } of events) {
        const ids = { traceId, spanId, parentSpanId };
        found.add({ resource: resource?.attributes ?? {}, attributes, span, ...ids, at, level: "error" });
      }
    }
  }
  return found.contents(body);
}

class Exceptions {
  readonly #kind: string;
  readonly #events: EventReader[] = [];
  readonly #seen = new Map<string, number>();
  #others = 0;

  constructor(kind: string) {
    this.#kind = kind;
  }

  add(recorded: Omit<Recorded, "ordinal">): void {
    if (!hasException(recorded.attributes)) {
      this.#others++;
      return;
    }
    // Two records that are equal to the nanosecond are still two.
    const { traceId, spanId, at, attributes, resource } = recorded;
    const key = JSON.stringify([resource["service.name"], traceId, spanId, at, attributes]);
    const ordinal = this.#seen.get(key) ?? 0;
    this.#seen.set(key, ordinal + 1);
    this.#events.push(readException({ ...recorded, ordinal }));
  }

  contents({ limits }: WireBody): Contents {
    const max = limits.maxEventsPerRequest * 10;
    const over = this.#events.length - max;
    const fault = { path: "", message: `more than ${max} exceptions in one request` };
    return {
      events: this.#events.slice(0, max),
      ...(over > 0 && { broken: [{ reason: "tooLarge" as const, events: over, fault }] }),
      discarded: this.#others > 0 ? { [this.#kind]: this.#others } : {},
    };
  }
}

function messageOfBody<T>(
  { bytes, contentType, limits }: WireBody,
  name: "ExportLogsServiceRequest" | "ExportTraceServiceRequest",
  schema: z.ZodType<T>,
): { value: T } | Refusal {
  let wire: unknown;
  if (contentType.startsWith("application/x-protobuf")) {
    try {
      if (exceeds(name, bytes, limits.maxValues)) return unreadable("invalid", `more than ${limits.maxValues} fields`);
      wire = decode(name, bytes);
    } catch (thrown) {
      return unreadable("invalid", `not an ${name}: ${messageOf(thrown).slice(0, 200)}`);
    }
  } else {
    // OTLP nests eight levels before an attribute begins.
    const json = parseJson(bytes, { ...limits, maxDepth: limits.maxDepth + 8 });
    if (json.kind === "refused") return unreadable(json.reason, json.message);
    wire = json.value;
  }
  const parsed = schema.safeParse(wire);
  if (parsed.success) return { value: parsed.data };
  const faults = faultsOf(parsed.error);
  return { ...unreadable("invalid", summaryOf(faults)), faults };
}

/** Severity numbers go in steps of four: 17 is ERROR, 21 is FATAL. 0 means unspecified. */
function levelOf(severity: number | undefined): Level {
  if (severity === undefined || severity === 0) return "error";
  if (severity >= 21) return "fatal";
  if (severity >= 17) return "error";
  if (severity >= 13) return "warning";
  return severity >= 9 ? "info" : "debug";
}
