import { z } from "zod";

/** Tokens that one agent's step used. */
export const Spend = z.object({
  ticketId: z.string(),
  service: z.string(),
  agent: z.string(),
  model: z.string(),
  inputTokens: z.number().int().nonnegative(),
  outputTokens: z.number().int().nonnegative(),
  /** Null where the model has no price. */
  usd: z.number().nonnegative().nullable(),
  at: z.number(),
});
export type Spend = z.infer<typeof Spend>;
