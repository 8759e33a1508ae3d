import { z } from "zod";
import { CanaryProgress, isCanaryUp } from "./canary.ts";

/** One commit that selfheal deploys to production: a row of the journal. States only move forward. */
export const Deployment = z.object({
  id: z.string(),
  /** Idempotency key: ticket, Patch digest and service. */
  key: z.string(),
  ticketId: z.string(),
  service: z.string(),
  patchDigest: z.string(),
  branch: z.string(),
  commit: z.string(),
  /** The commit that was live before, and the target of a rollback. */
  previousCommit: z.string(),
  /**
   * abandoned: given up before the deploy command ran, or removed from its canary for a reason that says nothing about
   * the Patch. An abandoned deployment counts in no limit.
   */
  state: z.enum(["intended", "live", "failed", "rolledBack", "unknown", "abandoned"]),
  /** true when no person approved it. */
  auto: z.boolean(),
  intendedAt: z.number(),
  settledAt: z.number().nullable(),
  /** Grows with every grant. An effect with an older token is refused. */
  fencingToken: z.number().int().positive(),
  reason: z.string(),
  /** Absent: the deployment has no canary. */
  canary: CanaryProgress.optional(),
});
export type Deployment = z.infer<typeof Deployment>;

/** Whether its canary may get a part of the traffic, and the rest still goes to the previous commit. */
export function isPartlyLive({ state, canary }: Deployment): boolean {
  return state === "intended" && isCanaryUp(canary) && canary.stage !== "promoting";
}
