import { z } from "zod";
import { CanaryProgress, isCanaryUp } from "./canary.ts";

/** One commit put into production by selfheal. The journal's row; states only move forward. */
export const Deployment = z.object({
  id: z.string(),
  /** Idempotency key: ticket + patch digest + service. */
  key: z.string(),
  ticketId: z.string(),
  service: z.string(),
  patchDigest: z.string(),
  branch: z.string(),
  commit: z.string(),
  /** What was live before; where a roll back goes. */
  previousCommit: z.string(),
  /** abandoned: intended, and given up before anything was done, or taken out of its canary for a reason that says nothing
   * about the Patch. It counts nowhere. */
  state: z.enum(["intended", "live", "failed", "rolledBack", "unknown", "abandoned"]),
  /** true when no person approved it. */
  auto: z.boolean(),
  intendedAt: z.number(),
  settledAt: z.number().nullable(),
  /** Grows with every grant; an effect with an older one is refused. */
  fencingToken: z.number().int().positive(),
  reason: z.string(),
  /** Absent: it was not put live for a part of the traffic first. */
  canary: CanaryProgress.optional(),
});
export type Deployment = z.infer<typeof Deployment>;

/** Whether a part of the traffic may be its canary's, and no more than that. */
export function isPartlyLive({ state, canary }: Deployment): boolean {
  return state === "intended" && isCanaryUp(canary) && canary.stage !== "promoting";
}
