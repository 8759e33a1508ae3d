import type { TrackEntry } from "../trackRecord.ts";

/** How earlier Patches ended. */
export interface TrackRecord {
  /** Idempotent by ticket, outcome and patch. */
  add(entry: TrackEntry): Promise<void>;
  /** Newest first. */
  list(filter: { service?: string; errorClass?: string; sinceMs?: number; limit?: number }): Promise<TrackEntry[]>;
}
