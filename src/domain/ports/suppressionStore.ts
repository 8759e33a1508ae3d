import type { Suppression } from "../suppression.ts";

/** Suppressions: Issues on which selfheal does not work for a time. */
export interface SuppressionStore {
  /** Idempotent by id. */
  add(suppression: Suppression): Promise<Suppression>;
  /** The Suppression of the Issue that is active now; of several, the one that ends last. null when there is none. */
  active(issueId: string, now: number): Promise<Suppression | null>;
  /** When the last ended Suppression of the Issue ended; null when none has ended. */
  endedAt(issueId: string, now: number): Promise<number | null>;
  /** Ends it now; one that has ended stays as it is. null: there is none of that id. */
  lift(id: string, now: number): Promise<Suppression | null>;
  /** Those that hold now, the one that ends first in front. */
  list(now: number): Promise<Suppression[]>;
}
