import type { Batch, DebounceWindow } from "../issue.ts";

/** Open debounce windows: the rows are the truth, not an in-memory timer. One a project and service. */
export interface DebounceStore {
  open(): Promise<DebounceWindow[]>;
  get(project: string, service: string): Promise<DebounceWindow | null>;
  put(window: DebounceWindow): Promise<void>;
  /** One transaction: the window goes, and its Batch is there with state `closed`, id = uuidFrom("batch", project, service, openedAt). */
  close(window: DebounceWindow, now: number): Promise<Batch>;
}
