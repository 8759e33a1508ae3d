import { z } from "zod";
import type { CapturedRequest, Exception, Platform, StackFrame } from "../../../domain/event.ts";
import { debugIdOf } from "../../../domain/sourceMap.ts";
import { frameOf } from "../../stacks/frame.ts";
import { bodyText, EVENT_FIELDS, FRAME_FIELDS, frameDetails, MAX_CAUSES, wireEvent } from "../buildEvent.ts";
import type { WireResult } from "../contract.ts";
import {
  asText,
  Flag,
  faultsOf,
  fewEntries,
  listUpTo,
  MAX_FRAMES,
  optional,
  platformOf,
  present,
  ServiceName,
  Text,
  type WireContext,
} from "../fields.ts";
import { quickObject } from "../quickObject.ts";

/** Built files whose debug id is looked at. */
const MAX_IMAGES = 200;

const SentryFrame = quickObject({ ...FRAME_FIELDS, filename: "text", abs_path: "text", module: "text" });

/** Frames are oldest first, so the last ones are those next to the throw. */
const SentryStack = optional(z.object({ frames: optional(listUpTo(SentryFrame, MAX_FRAMES, "last")) }));

const SentryException = z.object({
  type: Text,
  value: optional(z.unknown()),
  stacktrace: SentryStack,
  mechanism: optional(z.object({ handled: Flag, synthetic: Flag })),
});

/** Sentry writes tags and headers as an object or as a list of pairs. */
const Pairs = optional(
  z.union([
    z.preprocess(fewEntries, z.record(z.string(), z.unknown())),
    listUpTo(z.tuple([z.string(), z.unknown()]), 65, "first").transform((pairs) => Object.fromEntries(pairs)),
  ]),
);

const SentryRequest = z.object({
  method: Text,
  url: Text,
  query_string: z.unknown().optional(),
  headers: Pairs,
  data: z.unknown().optional(),
});

/** `{values: […]}`, or only the list. */
const SentryExceptions = z.preprocess(
  (given) => (Array.isArray(given) ? { values: given } : given),
  z
    .object({
      values: listUpTo(SentryException, MAX_CAUSES + 1, "last").refine(
        (values) => values.length > 0,
        "must hold at least one exception",
      ),
    })
    .nullish(),
);

/** Text, or `{formatted, message}` as older SDKs wrote it. */
const SentryMessage = optional(
  z.union([
    z.string(),
    z.object({ formatted: Text, message: Text }).transform(({ formatted, message }) => formatted ?? message),
  ]),
);

const SentryEvent = z.object({
  ...EVENT_FIELDS,
  exception: SentryExceptions,
  message: SentryMessage,
  logentry: SentryMessage,
  threads: optional(z.object({ values: optional(listUpTo(z.object({ stacktrace: SentryStack }), 1, "first")) })),
  contexts: optional(z.object({ trace: optional(z.object({ trace_id: Text, span_id: Text, parent_span_id: Text })) })),
  debug_meta: optional(
    z.object({
      images: optional(listUpTo(optional(z.object({ code_file: Text, debug_id: Text })), MAX_IMAGES, "first")),
    }),
  ),
  request: optional(SentryRequest),
  tags: Pairs,
});

/** Whether a payload is a Sentry event with exceptions, and not the native form. */
export function isSentryForm(wire: object): boolean {
  const exception = (wire as { exception?: unknown }).exception;
  return Array.isArray(exception) || (typeof exception === "object" && exception !== null && "values" in exception);
}

/**
 * Reads a Sentry event. `exception.values` has the innermost cause first and the captured exception last; frames are
 * oldest first. Sentry has no services: the tag `service` names one, otherwise it is the project's only service. User
 * and cookies are not read.
 */
export function readSentry(wire: unknown, context: WireContext): WireResult {
  const parsed = SentryEvent.safeParse(wire);
  if (!parsed.success) return { kind: "invalid", faults: faultsOf(parsed.error) };
  const given = parsed.data;
  const tags = asText(given.tags);
  const service = ServiceName.safeParse(tags.service || context.defaultService);
  const message = given.message ?? given.logentry;
  const exceptions = given.exception?.values ?? messageAsException(given, message);
  const captured = exceptions.at(-1);
  const faults = service.success ? [] : faultsOf(service.error, "tags.service");
  if (captured === undefined) faults.push({ path: "exception", message: "required: neither exceptions nor a message" });
  if (!service.success || captured === undefined) return { kind: "invalid", faults };
  const platform = platformOf(given.platform ?? "");
  const debugIds = debugIdsOf(given);
  const causes = exceptions.slice(0, -1).reverse().slice(0, MAX_CAUSES);
  const own = {
    service: service.data,
    platform,
    level: given.level ?? ("error" as const),
    handled: captured.mechanism?.handled,
    trace: given.contexts?.trace,
    exception: exceptionOf(captured, { platform, debugIds, message }),
    causes: causes.map((cause) => exceptionOf(cause, { platform, debugIds })),
    request: given.request && requestOf(given.request),
    tags,
  };
  return wireEvent(given, own, context);
}

/** Converts the message of `captureMessage` to an exception. It has a text, and at best the stack of the capture. */
function messageAsException(
  given: z.output<typeof SentryEvent>,
  message: string | undefined,
): z.output<typeof SentryException>[] {
  if (message === undefined) return [];
  const [thread] = given.threads?.values ?? [];
  return [
    { type: MESSAGE, value: message, stacktrace: thread?.stacktrace, mechanism: { handled: true, synthetic: true } },
  ];
}

/** The type of a message that was captured and not thrown. */
const MESSAGE = "Message";

/** Debug ids by built file. They identify the source maps. */
function debugIdsOf(given: z.output<typeof SentryEvent>): ReadonlyMap<string, string> {
  const images = given.debug_meta?.images ?? [];
  const pairs = images.map((image) => [image?.code_file ?? "", debugIdOf(image?.debug_id) ?? ""] as const);
  return new Map(pairs.filter(([file, id]) => file !== "" && id !== ""));
}

interface Around {
  platform: Platform;
  debugIds: ReadonlyMap<string, string>;
  message?: string | undefined;
}

function exceptionOf(given: z.output<typeof SentryException>, around: Around): Exception {
  const { message } = around;
  const value = given.value ?? "";
  const isMessage = given.mechanism?.synthetic === true && value !== "" && value === message;
  return {
    type: given.type || (isMessage ? MESSAGE : "Error"),
    value: typeof value === "string" ? value : JSON.stringify(value),
    frames: (given.stacktrace?.frames ?? []).map((frame) => sentryFrame(frame, around)).reverse(),
  };
}

function sentryFrame(given: z.output<typeof SentryFrame>, { platform, debugIds }: Around): StackFrame {
  const name = given.function ?? "";
  return frameOf(
    {
      file: given.abs_path ?? given.filename ?? given.module,
      function: platform === "java" && given.module !== undefined ? `${given.module}.${name}` : name,
      line: given.lineno,
      column: given.colno,
      ...frameDetails(given),
      debugId: debugIds.get(given.abs_path ?? "") ?? debugIds.get(given.filename ?? ""),
    },
    platform,
  );
}

function requestOf(given: z.output<typeof SentryRequest>): CapturedRequest {
  const url = given.url ?? "";
  const query = queryOf(given.query_string);
  return present({
    method: given.method ?? "GET",
    url: query === "" || url.includes("?") ? url : `${url}?${query}`,
    headers: asText(given.headers),
    body: bodyText(given.data),
  });
}

/** Sentry sends the query as text, as an object or as a list of pairs. */
function queryOf(query: unknown): string {
  if (typeof query === "string") return query.replace(/^\?/, "");
  const pairs = Pairs.safeParse(query);
  return new URLSearchParams(asText(pairs.data)).toString();
}
