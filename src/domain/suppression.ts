import { z } from "zod";

/** A decision not to work on an Issue for a limited time. */
export const Suppression = z.object({
  id: z.string().uuid(),
  issueId: z.string(),
  reason: z.string().max(2000),
  by: z.string().max(128),
  createdAt: z.number(),
  expiresAt: z.number(),
  /** When a person ended it early; null if nobody did. */
  liftedAt: z.number().nullable(),
});
export type Suppression = z.infer<typeof Suppression>;

/** The time at which it ends or ended, in milliseconds since the epoch. It is not active from this time on. */
export function endOf({ expiresAt, liftedAt }: Suppression): number {
  return liftedAt === null ? expiresAt : Math.min(liftedAt, expiresAt);
}
