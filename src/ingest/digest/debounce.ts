import type { DebounceWindow } from "../../domain/issue.ts";

export interface DebounceTimes {
  /** Quiet for this long after the last Event of the window, in milliseconds. */
  debounceMs: number;
  /** …and at the latest this long after the window opened. */
  maxWaitMs: number;
  /** With so many Issues in it a window waits no longer; default: any number. */
  maxBatchIssues?: number;
}

/** An Issue that should be looked at. */
export interface Signal {
  project: string;
  service: string;
  issueId: string;
}

/** The window with one more signal in it; `window` is null where none is open. Pure: the row that holds the result is the truth. */
export function extendWindow(
  window: DebounceWindow | null,
  signal: Signal,
  now: number,
  times: DebounceTimes,
): DebounceWindow {
  const openedAt = window?.openedAt ?? now;
  // A clock that was set back must not make a window older than it is.
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
