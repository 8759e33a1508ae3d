import { messageOf, SelfhealError } from "../../domain/errors.ts";
import type { Batch } from "../../domain/issue.ts";
import type { BatchStore } from "../../domain/ports/batchStore.ts";
import type { DebounceStore } from "../../domain/ports/debounceStore.ts";
import { isDue } from "./debounce.ts";

export interface BatcherDeps {
  debounce: DebounceStore;
  batches: BatchStore;
  /**
   * Starts the run of a Batch. Must be idempotent: after a crash between the start and `markStarted` it is called
   * again.
   */
  start: (batch: Batch) => Promise<void>;
  /** Whether the run of a Batch may start now. If not, it is called again after a second. Default: always. */
  mayStart?: (batch: Batch) => Promise<boolean>;
}

/** Delay before Batches that may not start are checked again, milliseconds. */
const LOOK_AGAIN_MS = 1000;

/** Closes debounce windows and starts the runs of Batches. */
export interface Batcher {
  /**
   * Closes the windows that are due, and starts the run of every Batch that has none. A run starts only after its Batch
   * is durable. Throws SelfhealError `batchStart` after all Batches were tried. A failed Batch is retried at the next
   * call.
   */
  closeDue(now: number): Promise<void>;
  /** When `closeDue` has work again, in milliseconds since the epoch; null if nothing waits. */
  nextDueAt(): Promise<number | null>;
}

/** Creates the batcher. It turns due debounce windows into Batches, and Batches into runs. */
export function createBatcher({ debounce, batches, start, mayStart = async () => true }: BatcherDeps): Batcher {
  let lookAgainAt: number | null = null;
  return {
    closeDue: async (now) => {
      for (const window of await debounce.open()) {
        if (isDue(window, now)) await debounce.close(window, now);
      }
      const failures: unknown[] = [];
      lookAgainAt = null;
      for (const batch of await batches.unstarted()) {
        try {
          if (!(await mayStart(batch))) {
            lookAgainAt = now + LOOK_AGAIN_MS;
            continue;
          }
          await start(batch);
          await batches.markStarted(batch.id);
        } catch (thrown) {
          failures.push(thrown);
        }
      }
      if (failures.length > 0) {
        const cause = failures[0];
        throw new SelfhealError("batchStart", `${failures.length} batches were not started: ${messageOf(cause)}`, {
          cause,
        });
      }
    },
    nextDueAt: async () => {
      const due = (await debounce.open()).map((window) => window.dueAt);
      if (lookAgainAt !== null) due.push(lookAgainAt);
      return due.length === 0 ? null : Math.min(...due);
    },
  };
}
