import { z } from "zod";
import { atStart, configKeys } from "./configKey.ts";

/** More readings than this would only make a canary's row long. */
const MAX_LOOKS = 2000;

/** How a service's Patches go live for a part of its traffic first. Commands run through `sh -c` on the host. */
export const Canary = z
  .strictObject({
    command: z
      .string()
      .min(1)
      .register(
        configKeys,
        atStart("puts `$SELFHEAL_COMMIT` live for a part of the traffic; gets what `deployCommand` gets"),
      ),
    promoteCommand: z
      .string()
      .min(1)
      .optional()
      .register(configKeys, atStart("puts it live for all of the traffic; default: `deployCommand`")),
    abortCommand: z
      .string()
      .min(1)
      .optional()
      .register(
        configKeys,
        atStart(
          "takes the canary out, and must do no harm when it runs twice; default: `rollbackCommand`, else the deploy command with the previous commit",
        ),
      ),
    liveCommand: z
      .string()
      .min(1)
      .optional()
      .register(
        configKeys,
        atStart(
          "prints the commit that the canary runs, or `none`; asked after a crash, before anything is done again",
        ),
      ),
    metricsCommand: z
      .string()
      .min(1)
      .optional()
      .register(
        configKeys,
        atStart(
          'prints `{"canary": {"requests": n, "errors": n}, "baseline": {"requests": n, "errors": n}}`: counters that only grow; give it or `metricsUrl`',
        ),
      ),
    metricsUrl: z
      .string()
      .url()
      .optional()
      .register(configKeys, atStart("answers the same", { secret: "url" })),
    windowMs: z
      .number()
      .int()
      .positive()
      .default(600_000)
      .register(configKeys, atStart("how long it is watched at the least")),
    maxWindowMs: z
      .number()
      .int()
      .positive()
      .default(3_600_000)
      .register(configKeys, atStart("how long it may stay inconclusive (too little traffic) before a person is asked")),
    everyMs: z
      .number()
      .int()
      .positive()
      .default(30_000)
      .register(configKeys, atStart("time between two looks at the figures")),
    minRequests: z
      .number()
      .int()
      .positive()
      .default(100)
      .register(
        configKeys,
        atStart("requests that the canary and the baseline must each have had before it is healthy"),
      ),
    maxErrorShareIncrease: z
      .number()
      .min(0)
      .max(0.5)
      .default(0.005)
      .register(
        configKeys,
        atStart(
          "by how much the canary's share of errors may lie above the baseline's: 0.005 is half a percentage point",
        ),
      ),
    alpha: z
      .number()
      .gt(0)
      .max(0.2)
      .default(0.01)
      .register(configKeys, atStart("how often at most a canary within that bound is taken out by mistake")),
  })
  .refine(
    (c) => (c.metricsCommand === undefined) !== (c.metricsUrl === undefined),
    "give metricsCommand or metricsUrl, one of them",
  )
  .refine((c) => c.maxWindowMs >= c.windowMs, "maxWindowMs must not be shorter than windowMs")
  .refine((c) => c.maxWindowMs / c.everyMs <= MAX_LOOKS, `more than ${MAX_LOOKS} looks in maxWindowMs: raise everyMs`);
export type Canary = z.infer<typeof Canary>;

const count = z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER);

/** Number of requests, and how many of them failed. */
export const Counts = z
  .object({ requests: count, errors: count })
  .refine((c) => c.errors <= c.requests, "more errors than requests");
export type Counts = z.infer<typeof Counts>;

/**
 * The counters of canary and baseline, as the service reports them. They only grow, except after a restart of the
 * service.
 */
export const CanaryReading = z.object({ canary: Counts, baseline: Counts });
export type CanaryReading = z.infer<typeof CanaryReading>;

/** What the counters say about the canary so far. */
export const CanaryVerdict = z.enum(["healthy", "unhealthy", "inconclusive"]);
export type CanaryVerdict = z.infer<typeof CanaryVerdict>;

/**
 * The progress of a deployment's canary. The journal stores it before each step, so that a restart knows what to check.
 * beginning and aborting: the command may have run. promoting: the deployment to all of the traffic follows. held: a
 * person is asked.
 */
export const CanaryProgress = z.object({
  stage: z.enum(["beginning", "watching", "held", "promoting", "aborting", "aborted"]),
  /** When the canary got its part of the traffic, in milliseconds since the epoch; null before that. */
  beganAt: z.number().nullable(),
  /** Number of readings. */
  looks: z.number().int().nonnegative(),
  /** The counters of the last reading; null before the first reading. */
  counters: CanaryReading.nullable(),
  /** Requests and errors since the first reading. */
  counted: CanaryReading,
  verdict: CanaryVerdict,
  /** Explains the verdict. */
  reason: z.string().max(1000),
  /** Number of decisions of the ticket when a person was asked; null if nobody was asked. */
  answersBefore: z.number().int().nullable(),
  /** Whether the reason for its end counts against the Patch. */
  blamed: z.boolean(),
});
export type CanaryProgress = z.infer<typeof CanaryProgress>;

const NOTHING: Counts = { requests: 0, errors: 0 };

/** A canary whose command is about to run. */
export const CANARY_BEGINNING: CanaryProgress = {
  stage: "beginning",
  beganAt: null,
  looks: 0,
  counters: null,
  counted: { canary: NOTHING, baseline: NOTHING },
  verdict: "inconclusive",
  reason: "",
  answersBefore: null,
  blamed: false,
};

/** Whether the canary may still get a part of the traffic. */
export function isCanaryUp(canary: CanaryProgress | undefined): canary is CanaryProgress {
  return canary !== undefined && canary.stage !== "aborted";
}

/**
 * The totals after one more reading. Counting begins at the first reading, because the counters may have started before
 * the canary. A counter that went down was restarted: its whole value is new.
 */
export function counted(before: Pick<CanaryProgress, "counters" | "counted">, now: CanaryReading): CanaryReading {
  const { counters } = before;
  if (counters === null) return before.counted;
  const side = (of: "canary" | "baseline") => added(before.counted[of], counters[of], now[of]);
  return { canary: side("canary"), baseline: side("baseline") };
}

function added(total: Counts, last: Counts, now: Counts): Counts {
  const anew = now.requests < last.requests || now.errors < last.errors;
  const from = anew ? NOTHING : last;
  const requests = total.requests + now.requests - from.requests;
  // Two counters are not read at one instant: an error may be seen before its request.
  return { requests, errors: Math.min(requests, total.errors + now.errors - from.errors) };
}

/** `12 of 340 requests failed, 3 of 3100 on the baseline`. */
export function describeCounted({ canary, baseline }: CanaryReading): string {
  return `${canary.errors} of ${canary.requests} requests failed, ${baseline.errors} of ${baseline.requests} on the baseline`;
}
