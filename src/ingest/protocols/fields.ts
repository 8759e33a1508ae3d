import { z } from "zod";
import type { Fault } from "../../domain/errors.ts";
import type { Level, Platform } from "../../domain/event.ts";

/** What the server knows about an Event before it reads the payload. */
export interface WireContext {
  project: string;
  /** Milliseconds since the epoch. */
  receivedAt: number;
  /** Used when the payload names no service. */
  defaultService: string | undefined;
  /** Returns 32 hex digits. Used when the payload has no event id. */
  newId: () => string;
}

type Present<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/** Removes the undefined keys of an object, so that later code never sees a difference between absent and undefined. */
export function present<T extends object>(fields: T): Present<T> {
  const keys = Object.keys(fields) as (keyof T & string)[];
  // This runs for every frame of every Event. Most frames have no undefined key.
  if (!keys.some((key) => fields[key] === undefined)) return fields as Present<T>;
  const kept: Record<string, unknown> = {};
  for (const key of keys) if (fields[key] !== undefined) kept[key] = fields[key];
  return kept as Present<T>;
}

/** A field that may be absent or null; null becomes undefined. Clients write null for unknown values. */
export function optional<T extends z.ZodType>(schema: T) {
  return schema.nullish().transform((value) => value ?? undefined);
}

/** An optional string. Like all optional fields here, null becomes undefined. */
export const Text = optional(z.string());
export const Count = optional(z.number().int().nonnegative());
export const Flag = optional(z.boolean());
/** Source lines. An invalid value becomes undefined, because it is no reason to reject the Event. */
export const Lines = optional(z.array(z.string())).catch(undefined);

/** Entries of an object that are read. The domain keeps 64; one more shows that there were more. */
const MAX_ENTRIES = 65;

/** An object as it is, or with its first entries only if it has very many. Nobody has validated the rest then. */
export function fewEntries(given: unknown): unknown {
  if (typeof given !== "object" || given === null || Array.isArray(given)) return given;
  const keys = Object.keys(given);
  if (keys.length <= MAX_ENTRIES) return given;
  return Object.fromEntries(keys.slice(0, MAX_ENTRIES).map((key) => [key, (given as Record<string, unknown>)[key]]));
}

/** An object of values of any kind, of which the first entries are read. */
export const Values = optional(z.preprocess(fewEntries, z.record(z.string(), z.unknown())));

/**
 * A list of which at most `max` elements are read, the first or the last ones. The rest costs nothing, so the list is cut
 * before its elements are validated.
 */
export function listUpTo<T extends z.ZodType>(schema: T, max: number, end: "first" | "last") {
  const few = (given: unknown) =>
    Array.isArray(given) && given.length > max ? (end === "first" ? given.slice(0, max) : given.slice(-max)) : given;
  return z.preprocess(few, z.array(schema));
}

/** Frames of a stack that are read. The domain keeps 200; one more shows that there were more. */
export const MAX_FRAMES = 201;

/**
 * A service name, under the same rule as in the configuration, so that an Event can only name what can be configured.
 */
export const ServiceName = z
  .string()
  .max(128)
  .regex(/^[a-zA-Z0-9][a-zA-Z0-9._-]*$/, "letters, digits, dot, dash and underscore only");

/** An event id: 32 hex digits. The dashes of a UUID and capitals are accepted. */
export const EventId = optional(
  z
    .string()
    .transform((id) => id.replaceAll("-", "").toLowerCase())
    .pipe(z.string().regex(/^[0-9a-f]{32}$/, "must be 32 hex digits (a UUID, dashes allowed)")),
);

/**
 * A time in seconds or milliseconds since the epoch, or in ISO 8601; the result is in milliseconds. A number below
 * 10^11 is in seconds, because 10^11 is the year 5138 in seconds and 1973 in milliseconds.
 */
export const Timestamp = optional(
  z.union([z.number(), z.string()]).transform((given, context) => {
    const numeric = typeof given === "number" ? given : /^\d{1,16}(?:\.\d{1,9})?$/.test(given) ? Number(given) : null;
    const at = numeric === null ? Date.parse(String(given)) : numeric < 1e11 ? numeric * 1000 : numeric;
    if (Number.isFinite(at) && at >= 0) return Math.round(at);
    context.addIssue({ code: "custom", message: "must be an ISO 8601 time, or seconds or milliseconds since 1970" });
    return z.NEVER;
  }),
);

const SPAN = /^(?!0{16})[0-9a-f]{16}$/;

/**
 * The ids of a distributed trace, as lower-case hex. Malformed ids are left out. Ids of only zeros mean none and are
 * left out too.
 */
export function traceIds(
  traceId: string | undefined,
  spanId: string | undefined,
  parentSpanId?: string | undefined,
): { traceId?: string; spanId?: string; parentSpanId?: string } {
  const [trace, span, parent] = [traceId, spanId, parentSpanId].map((id) => id?.toLowerCase() ?? "");
  return {
    ...(trace !== undefined && /^(?!0{32})[0-9a-f]{32}$/.test(trace) && { traceId: trace }),
    ...(span !== undefined && SPAN.test(span) && { spanId: span }),
    ...(parent !== undefined && SPAN.test(parent) && { parentSpanId: parent }),
  };
}

const LEVELS: Record<string, Level> = {
  fatal: "fatal",
  critical: "fatal",
  error: "error",
  warning: "warning",
  warn: "warning",
  info: "info",
  log: "info",
  debug: "debug",
};

/** A level by its name in any case. `critical`, `warn` and `log` are accepted too; an unknown name is a fault. */
export const WireLevel = optional(
  z.string().transform((name, context) => {
    const level = LEVELS[name.toLowerCase()];
    if (level !== undefined) return level;
    context.addIssue({ code: "custom", message: "must be fatal, error, warning, info or debug" });
    return z.NEVER;
  }),
);

const PLATFORMS: Record<string, Platform> = {
  node: "node",
  nodejs: "node",
  javascript: "browser",
  browser: "browser",
  elixir: "elixir",
  erlang: "elixir",
  python: "python",
  go: "go",
  golang: "go",
  java: "java",
  kotlin: "java",
};

/** The platform with this name. An unknown name is `other`, never a fault. */
export function platformOf(name: string): Platform {
  return PLATFORMS[name.toLowerCase()] ?? "other";
}

/** The faults of a failed parse, each with a readable path: `exception.frames[3].line`. */
export function faultsOf(error: z.ZodError, under = ""): Fault[] {
  return error.issues.map((issue) => ({ path: pathOf(issue.path, under), message: issue.message }));
}

function pathOf(path: readonly PropertyKey[], under: string): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === "number") return `${text}[${part}]`;
    return text === "" ? String(part) : `${text}.${String(part)}`;
  }, under);
}

/** Each value as JSON text, so that no later step revives an object from it. */
export function asJson(values: Record<string, unknown> | undefined): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values ?? {}).map(([key, value]) => [key, JSON.stringify(value) ?? "undefined"]),
  );
}

/** Each value as text. Lists are joined as in HTTP; null values are left out. */
export function asText(values: Record<string, unknown> | undefined): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values ?? {})
      .filter(([, value]) => value !== null && value !== undefined)
      .map(([key, value]) => [key, textOf(value)]),
  );
}

function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  return Array.isArray(value) ? value.map(textOf).join(", ") : (JSON.stringify(value) ?? "");
}
