import { messageOf } from "../../domain/errors.ts";
import type { Clock } from "../../domain/ports/clock.ts";
import type { Log } from "../../domain/ports/log.ts";
import type { Batcher } from "./batcher.ts";
import type { Digester } from "./digest.ts";

export interface PumpDeps {
  digester: Digester;
  batcher: Batcher;
  clock: Clock;
  log: Log;
}

/**
 * Moves Events from the spool to runs. Only the pump calls the digester and the batcher, so that the two never race.
 */
export interface Pump {
  /** Signals that there is something to digest. Returns at once. */
  nudge(): void;
  /** Continues the work that an earlier process left, then waits for the next nudge or timer. */
  start(): void;
  /** Resolves once no work is running. Waiting work stays in its rows. */
  stop(): Promise<void>;
}

/** Delay of the retry after a failure (a full disk, a graph that does not start), milliseconds. */
const RETRY_MS = 5000;
/**
 * Longest sleep, milliseconds. A timer only triggers a pass, so a changed clock or a sleeping machine delays work by at
 * most this.
 */
const LONGEST_SLEEP_MS = 60_000;

/** Creates the pump. The composition root owns it. */
export function createPump({ digester, batcher, clock, log }: PumpDeps): Pump {
  let isRunning = false;
  let isNudged = false;
  let timer: NodeJS.Timeout | undefined;
  let work: Promise<void> | null = null;

  /** Runs one step. If the step fails, logs the error and resolves to false. */
  const step = async (does: () => Promise<unknown>): Promise<boolean> => {
    try {
      await does();
      return true;
    } catch (thrown) {
      log.error("the pump failed; it tries again", { reason: messageOf(thrown), retryMs: RETRY_MS });
      return false;
    }
  };

  /**
   * One pass over all waiting work. Resolves to the sleep in milliseconds, or to null for a sleep until the next nudge.
   */
  const pass = async (): Promise<number | null> => {
    // The steps fail independently: an Event that cannot be digested blocks no Batch, and a run that does not start
    // blocks no Event.
    const isDigested = await step(() => digester.digestPending());
    let sleepMs: number | null = null;
    const isClosed = await step(async () => {
      await batcher.closeDue(clock.now());
      const dueAt = await batcher.nextDueAt();
      sleepMs = dueAt === null ? null : Math.min(Math.max(dueAt - clock.now(), 1), LONGEST_SLEEP_MS);
    });
    return isDigested && isClosed ? sleepMs : Math.min(sleepMs ?? RETRY_MS, RETRY_MS);
  };

  const run = async (): Promise<void> => {
    let sleepMs: number | null;
    do {
      isNudged = false;
      sleepMs = await pass();
    } while (isNudged && isRunning);
    work = null;
    if (isRunning && sleepMs !== null) timer = setTimeout(wake, sleepMs);
  };

  const wake = (): void => {
    isNudged = true;
    if (!isRunning || work !== null) return;
    clearTimeout(timer);
    work = run();
  };

  return {
    nudge: wake,
    start: () => {
      isRunning = true;
      wake();
    },
    stop: async () => {
      isRunning = false;
      clearTimeout(timer);
      await work;
    },
  };
}
