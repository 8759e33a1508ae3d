import { z } from "zod";

/** An Issue that is left alone, on purpose and for a time. */
export const Suppression = z.object({
  id: z.string().uuid(),
  issueId: z.string(),
  reason: z.string().max(2000),
  by: z.string().max(128),
  createdAt: z.number(),
  expiresAt: z.number(),
  /** When a person took it back before its time. */
  liftedAt: z.number().nullable(),
});
export type Suppression = z.infer<typeof Suppression>;

/** When it ends or ended, milliseconds since the epoch. From this time on it holds no longer. */
export function endOf({ expiresAt, liftedAt }: Suppression): number {
  return liftedAt === null ? expiresAt : Math.min(liftedAt, expiresAt);
}
