import type { Batch } from "../issue.ts";

export interface BatchStore {
  get(id: string): Promise<Batch | null>;
  /** Batches closed but whose run was not started. */
  unstarted(): Promise<Batch[]>;
  markStarted(id: string): Promise<void>;
}
