import type { IngestCount } from "../ingestCount.ts";

/** Durable counters of what became of Events. `received`, `repeated` and `setAside` are counted by the spool itself. */
export interface IngestCounts {
  add(counts: readonly IngestCount[], at: number): Promise<void>;
  /** Since the UTC day of a time; all where none is given. */
  sums(since?: number): Promise<IngestCount[]>;
}
