import type { Batch, DebounceWindow } from "../issue.ts";

/**
 * Open debounce windows, one per project and service. The stored rows decide, not an in-memory timer, so windows
 * survive a restart.
 */
export interface DebounceStore {
  open(): Promise<DebounceWindow[]>;
  get(project: string, service: string): Promise<DebounceWindow | null>;
  put(window: DebounceWindow): Promise<void>;
  /**
   * One transaction: removes the window and stores its Batch with state `closed` and id uuidFrom("batch", project,
   * service, openedAt).
   */
  close(window: DebounceWindow, now: number): Promise<Batch>;
}
