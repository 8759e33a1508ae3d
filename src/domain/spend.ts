import { z } from "zod";

/** Tokens that one step of an agent used. */
export const Spend = z.object({
  ticketId: z.string(),
  service: z.string(),
  agent: z.string(),
  model: z.string(),
  inputTokens: z.number().int().nonnegative(),
  outputTokens: z.number().int().nonnegative(),
  /** US dollars; null where the model has no price. */
  usd: z.number().nonnegative().nullable(),
  at: z.number(),
});
export type Spend = z.infer<typeof Spend>;

/** The cost of a ticket's model calls, for its receipt. */
export const TicketCost = z.object({
  tokens: z.number().int().nonnegative(),
  /** US dollars for the tokens that have a price. */
  usd: z.number().nonnegative(),
  /** Tokens of models without a price. `usd` does not include them. */
  unpriced: z.array(z.object({ model: z.string(), tokens: z.number().int().nonnegative() })),
});
export type TicketCost = z.infer<typeof TicketCost>;

/**
 * A cost as text: `1200 tokens, US$0.0046`, or `1200 tokens, US$0.0046 and 300 tokens of local-7b, which has no price`.
 */
export function describeCost({ tokens, usd, unpriced }: TicketCost): string {
  if (tokens === 0) return "no model was asked";
  const without = unpriced.map((one) => `${one.tokens} tokens of ${one.model}, which has no price`);
  const priced = unpriced.reduce((sum, one) => sum + one.tokens, 0) < tokens;
  return `${tokens} tokens, ${[...(priced ? [`US$${usd.toFixed(4)}`] : []), ...without].join(" and ")}`;
}
