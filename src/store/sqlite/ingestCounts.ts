import { IngestCount } from "../../domain/ingestCount.ts";
import type { IngestCounts } from "../../domain/ports/ingestCounts.ts";
import type { EmbeddedDatabase } from "./database.ts";

const DAY_MS = 86_400_000;

/** Parameters of COUNT_EVENTS. */
export type CountRow = IngestCount & { day: number };

/** SQL that adds one CountRow to the counters of its day. */
export const COUNT_EVENTS = `
  INSERT INTO ingest_counts (day, project, outcome, reason, events) VALUES (@day, @project, @outcome, @reason, @events)
  ON CONFLICT (day, project, outcome, reason) DO UPDATE SET events = events + excluded.events`;

/** The UTC day of a time, counted from 1970. */
export function dayOf(at: number): number {
  return Math.floor(at / DAY_MS);
}

/**
 * Creates the counters of Event outcomes, one row per UTC day, project, outcome and reason. The spool counts stored
 * Events, in the commit that stores them.
 */
export function createIngestCounts(db: EmbeddedDatabase): IngestCounts {
  const add = db.sqlite.prepare<CountRow>(COUNT_EVENTS);
  const sums = db.sqlite.prepare<[number], unknown>(`
    SELECT project, outcome, reason, sum(events) AS events FROM ingest_counts WHERE day >= ?
    GROUP BY project, outcome, reason ORDER BY project, outcome, reason`);
  return {
    add: (counts, at) =>
      db.write(() => {
        for (const count of counts) add.run({ ...count, day: dayOf(at) });
      }),
    sums: async (since = 0) => sums.all(dayOf(since)).map((row) => IngestCount.parse(row)),
  };
}
