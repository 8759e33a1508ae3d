import type { Spend, TicketCost } from "../spend.ts";

/** Records what model calls cost. */
export interface SpendBook {
  add(spend: Spend): Promise<void>;
  /** The cost of a ticket. Models without a price are listed by name. */
  costOf(ticketId: string): Promise<TicketCost>;
  /** Sums of all matching entries. `unpriced`: tokens of models without a price; `usd` does not include them. */
  sum(filter: { ticketId?: string; service?: string; sinceMs?: number }): Promise<{
    tokens: number;
    usd: number;
    unpriced: number;
  }>;
}
