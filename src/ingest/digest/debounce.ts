import type { DebounceWindow } from "../../domain/issue.ts";

/** When a debounce window closes. */
export interface DebounceTimes {
  /** The window closes when its last Event is this old, milliseconds. */
  debounceMs: number;
  /** The window closes at the latest this long after it opened, milliseconds. */
  maxWaitMs: number;
  /** A window with this many Issues closes without further delay. Default: no limit. */
  maxBatchIssues?: number;
}

/** An Issue that needs a run. */
export interface Signal {
  project: string;
  service: string;
  issueId: string;
}

/**
 * Returns the window with one more signal in it. `window` is null if none is open. Pure: the stored row is the source
 * of truth.
 */
export function extendWindow(
  window: DebounceWindow | null,
  signal: Signal,
  now: number,
  times: DebounceTimes,
): DebounceWindow {
  const openedAt = window?.openedAt ?? now;
  // If the clock was set back, `lastAt` must not move back.
  const lastAt = Math.max(window?.lastAt ?? now, now);
  const held = window?.issueIds ?? [];
  const issueIds = held.includes(signal.issueId) ? held : [...held, signal.issueId];
  const isFull = issueIds.length >= (times.maxBatchIssues ?? Number.POSITIVE_INFINITY);
  return {
    project: signal.project,
    service: signal.service,
    issueIds,
    openedAt,
    lastAt,
    dueAt: isFull
      ? Math.min(lastAt, window?.dueAt ?? lastAt)
      : Math.min(lastAt + times.debounceMs, openedAt + times.maxWaitMs),
  };
}

/** Whether the window closes now. */
export function isDue(window: DebounceWindow, now: number): boolean {
  return now >= window.dueAt;
}
