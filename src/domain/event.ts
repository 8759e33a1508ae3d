import { z } from "zod";

/**
 * How far an Event's origin can be trusted. The server sets the tier from the key and never reads it from the payload.
 * T0: browser, public key. T1: server, secret key. T2: signed (HMAC). T3: operator.
 */
export const TrustTier = z.enum(["T0", "T1", "T2", "T3"]);
export type TrustTier = z.infer<typeof TrustTier>;

/** The lower of two tiers. An Issue is only as trusted as its least trusted Event. */
export function lowerTier(a: TrustTier, b: TrustTier): TrustTier {
  return a < b ? a : b;
}

/** Severity of an Event as its client reports it, the highest first. */
export const Level = z.enum(["fatal", "error", "warning", "info", "debug"]);
export type Level = z.infer<typeof Level>;

export const Platform = z.enum(["node", "browser", "elixir", "python", "go", "java", "other"]);
export type Platform = z.infer<typeof Platform>;

/** One call of a stack. `file` is the path as the client saw it, often absolute. Line and column count from 1. */
export const StackFrame = z.object({
  file: z.string().max(1024),
  function: z.string().max(256).optional(),
  line: z.number().int().nonnegative().optional(),
  column: z.number().int().nonnegative().optional(),
  /** false for code of the runtime and of third parties (node:, node_modules). */
  inApp: z.boolean(),
  contextLine: z.string().max(2048).optional(),
  /** The source lines before and after `contextLine`, in source order. */
  preContext: z.array(z.string().max(512)).max(5).optional(),
  postContext: z.array(z.string().max(512)).max(5).optional(),
  /** Local variables as JSON strings, already scrubbed. */
  vars: z.record(z.string(), z.string()).optional(),
  /** Debug id of the built file, if the client knows it. It finds the source map whatever the release is called. */
  debugId: z.string().max(64).optional(),
  /** The position in the built file. Set only after a source map gave the position in the source. */
  generated: z
    .object({
      file: z.string().max(1024),
      function: z.string().max(256).optional(),
      line: z.number().int().nonnegative(),
      column: z.number().int().nonnegative(),
    })
    .optional(),
});
export type StackFrame = z.infer<typeof StackFrame>;

/** One thrown value. Frames are newest first: `frames[0]` is where it was thrown. */
export const Exception = z.object({
  type: z.string().min(1).max(256),
  value: z.string().max(8192),
  frames: z.array(StackFrame).max(200),
});
export type Exception = z.infer<typeof Exception>;

/** The request during which the exception happened, scrubbed. A Reproduction can replay it. */
export const CapturedRequest = z.object({
  method: z.string().max(16),
  url: z.string().max(8192),
  headers: z.record(z.string(), z.string()).default({}),
  body: z.string().max(65_536).optional(),
});
export type CapturedRequest = z.infer<typeof CapturedRequest>;

/** One captured exception, as a client reported it, normalized and scrubbed. */
export const CapturedEvent = z.object({
  /** 32 hex digits; unique in a project. */
  id: z.string().regex(/^[0-9a-f]{32}$/),
  project: z.string().min(1).max(128),
  service: z.string().min(1).max(128),
  environment: z.string().max(128).optional(),
  release: z.string().max(256).optional(),
  platform: Platform,
  level: Level,
  /** false when nothing caught the exception. Absent: unknown. */
  handled: z.boolean().optional(),
  /** When the exception happened, by the client's clock, in milliseconds since the epoch. */
  timestamp: z.number(),
  /** When the server accepted the Event, in milliseconds since the epoch. */
  receivedAt: z.number(),
  trustTier: TrustTier,
  /** Trace id of the distributed trace, hex. */
  traceId: z
    .string()
    .regex(/^[0-9a-f]{32}$/)
    .optional(),
  spanId: z
    .string()
    .regex(/^[0-9a-f]{16}$/)
    .optional(),
  /** The span that called this span, if the client reports it. */
  parentSpanId: z
    .string()
    .regex(/^[0-9a-f]{16}$/)
    .optional(),
  exception: Exception,
  /** Causes of the exception, nearest first. The last one is the innermost cause. */
  causes: z.array(Exception).max(10).default([]),
  request: CapturedRequest.optional(),
  tags: z.record(z.string(), z.string()).default({}),
  /**
   * Free-form context. Values are JSON strings, never objects, so that deserialization can never create objects from
   * them.
   */
  extra: z.record(z.string(), z.string()).default({}),
});
export type CapturedEvent = z.infer<typeof CapturedEvent>;

/** Why an Event was not kept. Every lost Event has a reason, and every reason has a counter. */
export const DropReason = z.enum([
  "invalid",
  "tooLarge",
  "tooDeep",
  "unauthorized",
  "rateLimited",
  /** Its key, or all public keys together, have used their share of the CPU. */
  "cpuLimited",
  "queueFull",
  "sampled",
  "disabled",
  /** The store did not accept it. */
  "unavailable",
  /** It was stored, and digesting it failed repeatedly. */
  "undigestible",
]);
export type DropReason = z.infer<typeof DropReason>;
