import type { Spend, TicketCost } from "../spend.ts";

/** What models cost. */
export interface SpendBook {
  add(spend: Spend): Promise<void>;
  /** What a ticket cost, with the models that have no price by name. */
  costOf(ticketId: string): Promise<TicketCost>;
  /** `unpriced`: tokens of models without a price, which `usd` does not hold. */
  sum(filter: { ticketId?: string; service?: string; sinceMs?: number }): Promise<{
    tokens: number;
    usd: number;
    unpriced: number;
  }>;
}
