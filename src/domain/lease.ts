import { z } from "zod";

/** A claim on a name that ends by itself. Its token is newer than any that was given before it. */
export const Lease = z.object({
  name: z.string(),
  /** The process (or person) that has it. */
  holder: z.string(),
  token: z.number().int().positive(),
  expiresAt: z.number(),
});
export type Lease = z.infer<typeof Lease>;
