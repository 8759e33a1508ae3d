import { z } from "zod";

/** How far an Event's origin can be trusted; set by the server from the key, never read from the payload.
 * T0 browser/public key, T1 server secret key, T2 signed (HMAC), T3 operator. */
export const TrustTier = z.enum(["T0", "T1", "T2", "T3"]);
export type TrustTier = z.infer<typeof TrustTier>;

/** The lower of two tiers: an Issue is only as trusted as its least trusted Event. */
export function lowerTier(a: TrustTier, b: TrustTier): TrustTier {
  return a < b ? a : b;
}

export const Level = z.enum(["fatal", "error", "warning", "info", "debug"]);
export type Level = z.infer<typeof Level>;

export const Platform = z.enum(["node", "browser", "elixir", "python", "go", "java", "other"]);
export type Platform = z.infer<typeof Platform>;

/** One call of a stack. `file` is as the client saw it (often absolute); line and column count from 1. */
export const StackFrame = z.object({
  file: z.string().max(1024),
  function: z.string().max(256).optional(),
  line: z.number().int().nonnegative().optional(),
  column: z.number().int().nonnegative().optional(),
  /** false for the runtime's own and for third-party code (node:, node_modules). */
  inApp: z.boolean(),
  contextLine: z.string().max(2048).optional(),
  /** The source lines before and after it, in their order. */
  preContext: z.array(z.string().max(512)).max(5).optional(),
  postContext: z.array(z.string().max(512)).max(5).optional(),
  /** Local variables as JSON strings, already scrubbed. */
  vars: z.record(z.string(), z.string()).optional(),
  /** Of the built file, where the client knows it: finds its source map whatever the release is called. */
  debugId: z.string().max(64).optional(),
  /** Where it is in the built file, once a source map told where it is in its source. */
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

/** The request that was being served, scrubbed; what a reproduction can replay. */
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
  /** false when nothing caught it. Unknown when absent. */
  handled: z.boolean().optional(),
  /** Milliseconds since the epoch: when it happened, by the client's clock. */
  timestamp: z.number(),
  /** Milliseconds since the epoch: when the server took it in. */
  receivedAt: z.number(),
  trustTier: TrustTier,
  /** Of the distributed trace that it happened in; hex. */
  traceId: z
    .string()
    .regex(/^[0-9a-f]{32}$/)
    .optional(),
  spanId: z
    .string()
    .regex(/^[0-9a-f]{16}$/)
    .optional(),
  /** The span that called this one, where the client says it. */
  parentSpanId: z
    .string()
    .regex(/^[0-9a-f]{16}$/)
    .optional(),
  exception: Exception,
  /** What caused it, nearest first; the last one is the innermost cause. */
  causes: z.array(Exception).max(10).default([]),
  request: CapturedRequest.optional(),
  tags: z.record(z.string(), z.string()).default({}),
  /** Free-form context; values are JSON strings, never objects, so that nothing in them is ever revived. */
  extra: z.record(z.string(), z.string()).default({}),
});
export type CapturedEvent = z.infer<typeof CapturedEvent>;

/** Why an Event was not kept. Every loss has one, and a counter. */
export const DropReason = z.enum([
  "invalid",
  "tooLarge",
  "tooDeep",
  "unauthorized",
  "rateLimited",
  "queueFull",
  "sampled",
  "disabled",
  /** The store did not take it. */
  "unavailable",
  /** It was stored, and digesting it failed again and again. */
  "undigestible",
]);
export type DropReason = z.infer<typeof DropReason>;
