import { createHash } from "node:crypto";
import type { CapturedRequest, Level, Platform } from "../../../domain/event.ts";
import { parseStack, platformOfStack } from "../../stacks/parseStack.ts";
import type { EventReader } from "../contract.ts";
import { faultsOf, platformOf, present, ServiceName, traceIds } from "../fields.ts";
import type { Attributes } from "./attributes.ts";

/** An exception as OTLP records it: on a log record, or on an event of a span. */
export interface Recorded {
  resource: Attributes;
  /** Of the log record or the span event. */
  attributes: Attributes;
  /** Of the span. They describe the request that was served. */
  span: Attributes;
  traceId: string | undefined;
  spanId: string | undefined;
  /** Known for spans only. */
  parentSpanId?: string | undefined;
  /** Milliseconds since the epoch. */
  at: number | undefined;
  level: Level;
  /** The index of this record among records that are otherwise equal. */
  ordinal: number;
}

/** Whether the attributes describe an exception. */
export function hasException(attributes: Attributes): boolean {
  return (attributes["exception.type"] ?? attributes["exception.message"] ?? "") !== "";
}

/**
 * Returns the reader of an exception. Its id is a hash of its contents, so that an export that is sent again counts
 * once.
 */
export function readException(recorded: Recorded): EventReader {
  const { resource, attributes, span, traceId, spanId, parentSpanId, at, level } = recorded;
  return (context) => {
    const service = ServiceName.safeParse(serviceOf(resource) ?? context.defaultService);
    if (!service.success) return { kind: "invalid", faults: faultsOf(service.error, "resource.service.name") };
    const type = attributes["exception.type"] || "Error";
    const value = attributes["exception.message"] ?? "";
    const stack = attributes["exception.stacktrace"] ?? "";
    const platform = platformFor(resource, stack);
    return {
      kind: "event",
      event: present({
        id: idOf(recorded),
        project: context.project,
        service: service.data,
        environment: resource["deployment.environment.name"] ?? resource["deployment.environment"],
        release: resource["service.version"],
        platform,
        level,
        handled: attributes["exception.escaped"] === "true" ? false : undefined,
        timestamp: at ?? context.receivedAt,
        receivedAt: context.receivedAt,
        ...traceIds(traceId, spanId, parentSpanId),
        exception: { type, value, frames: parseStack(stack, platform, `${type}: ${value}`) },
        causes: [],
        request: requestOf({ ...attributes, ...span }),
        tags: tagsOf(attributes),
        extra: {},
      }),
    };
  };
}

/** An SDK without a configured service name sends `unknown_service:node`. */
function serviceOf(resource: Attributes): string | undefined {
  const name = resource["service.name"];
  return name === undefined || name === "" || name.startsWith("unknown_service") ? undefined : name;
}

const LANGUAGES: Record<string, Platform> = { nodejs: "node", webjs: "browser" };

function platformFor(resource: Attributes, stack: string): Platform {
  const language = resource["telemetry.sdk.language"] ?? "";
  const named = LANGUAGES[language] ?? platformOf(language);
  return named === "other" ? platformOfStack(stack) : named;
}

function idOf({ resource, attributes, traceId, spanId, at, ordinal }: Recorded): string {
  const parts = [serviceOf(resource), traceId, spanId, at, ordinal, Object.entries(attributes).toSorted()];
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 32);
}

function requestOf(attributes: Attributes): CapturedRequest | undefined {
  const url = attributes["url.full"] ?? attributes["http.url"] ?? attributes["url.path"] ?? attributes["http.target"];
  const method = attributes["http.request.method"] ?? attributes["http.method"];
  return url === undefined ? undefined : { method: method ?? "GET", url, headers: {} };
}

function tagsOf(attributes: Attributes): Record<string, string> {
  return Object.fromEntries(
    Object.entries(attributes).flatMap(([key, value]) =>
      key.startsWith("exception.") || value === undefined ? [] : [[key, value]],
    ),
  );
}
