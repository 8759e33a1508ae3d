import type { Batch } from "../issue.ts";

/** Batches that a debounce window closed, until their run is started. */
export interface BatchStore {
  get(id: string): Promise<Batch | null>;
  /** Closed Batches whose run was not started yet. */
  unstarted(): Promise<Batch[]>;
  markStarted(id: string): Promise<void>;
}
