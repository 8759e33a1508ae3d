import type { Suppression } from "../suppression.ts";

export interface SuppressionStore {
  /** Idempotent by id. */
  add(suppression: Suppression): Promise<Suppression>;
  /** The one that holds now, the longest first; null when there is none. */
  active(issueId: string, now: number): Promise<Suppression | null>;
  /** When the last one of those that are over ended; null when there was none. */
  endedAt(issueId: string, now: number): Promise<number | null>;
  /** Ends it now; one that has ended stays as it is. null: there is none of that id. */
  lift(id: string, now: number): Promise<Suppression | null>;
  /** Those that hold now, the one that ends first in front. */
  list(now: number): Promise<Suppression[]>;
}
