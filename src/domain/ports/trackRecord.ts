import type { TrackEntry } from "../trackRecord.ts";

/** How earlier Patches ended. Earned autonomy is computed from it. */
export interface TrackRecord {
  /** Idempotent by ticket, outcome and Patch. */
  add(entry: TrackEntry): Promise<void>;
  /** Newest first. */
  list(filter: { service?: string; errorClass?: string; sinceMs?: number; limit?: number }): Promise<TrackEntry[]>;
}
