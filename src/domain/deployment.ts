import { z } from "zod";

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
  /** abandoned: intended, and given up before anything was done. It says nothing about the Patch, and counts nowhere. */
  state: z.enum(["intended", "live", "failed", "rolledBack", "unknown", "abandoned"]),
  /** true when no person approved it. */
  auto: z.boolean(),
  intendedAt: z.number(),
  settledAt: z.number().nullable(),
  /** Grows with every grant; an effect with an older one is refused. */
  fencingToken: z.number().int().positive(),
  reason: z.string(),
});
export type Deployment = z.infer<typeof Deployment>;
