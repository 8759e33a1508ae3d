import type { IngestCount } from "../ingestCount.ts";

/** Durable counters of what happened to Events. The spool itself counts `received`, `repeated` and `setAside`. */
export interface IngestCounts {
  /** Adds the counts to the UTC day of `at` (milliseconds since the epoch). */
  add(counts: readonly IngestCount[], at: number): Promise<void>;
  /** The sums from the UTC day of `since` on; of all days when it is absent. */
  sums(since?: number): Promise<IngestCount[]>;
}
