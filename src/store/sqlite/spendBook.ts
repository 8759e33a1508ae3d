import type { SpendBook } from "../../domain/ports/spendBook.ts";
import { Spend } from "../../domain/spend.ts";
import type { EmbeddedDatabase } from "./database.ts";

interface Sum {
  tokens: number;
  usd: number;
  unpriced: number;
}

/** Creates the record of model costs, one row per call. */
export function createSpendBook(db: EmbeddedDatabase): SpendBook {
  const insert = db.sqlite.prepare(
    "INSERT INTO spend (ticket_id, service, at, tokens, usd, json) VALUES (?, ?, ?, ?, ?, ?)",
  );
  const sum = db.sqlite.prepare<{ ticketId: string | null; service: string | null; sinceMs: number }, Sum>(`
    SELECT coalesce(sum(tokens), 0) AS tokens, coalesce(sum(usd), 0) AS usd,
      coalesce(sum(CASE WHEN usd IS NULL THEN tokens END), 0) AS unpriced
    FROM spend
    WHERE at >= @sinceMs AND (@ticketId IS NULL OR ticket_id = @ticketId) AND (@service IS NULL OR service = @service)`);
  const unpriced = db.sqlite.prepare<[string], { model: string; tokens: number }>(`
    SELECT json_extract(json, '$.model') AS model, sum(tokens) AS tokens FROM spend
    WHERE ticket_id = ? AND usd IS NULL GROUP BY model ORDER BY model`);
  return {
    costOf: async (ticketId) => {
      const { tokens, usd } = sum.get({ ticketId, service: null, sinceMs: 0 }) ?? { tokens: 0, usd: 0 };
      return { tokens, usd, unpriced: unpriced.all(ticketId) };
    },
    add: async (spend) => {
      const row = Spend.parse(spend);
      const tokens = row.inputTokens + row.outputTokens;
      await db.write(() => void insert.run(row.ticketId, row.service, row.at, tokens, row.usd, JSON.stringify(row)));
    },
    sum: async ({ ticketId = null, service = null, sinceMs = 0 }) =>
      sum.get({ ticketId, service, sinceMs }) ?? { tokens: 0, usd: 0, unpriced: 0 },
  };
}
