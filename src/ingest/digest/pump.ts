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

/** Moves Events on from the spool to runs. The only caller of digester and batcher, so that the two never race. */
export interface Pump {
  /** There is something to digest; returns at once. */
  nudge(): void;
  /** Takes up what an earlier process left, then waits. */
  start(): void;
  /** Resolves once nothing is under way any more. What waits stays in its rows. */
  stop(): Promise<void>;
}

/** After a failure (a full disk, a graph that does not start). */
const RETRY_MS = 5000;
/** Timers only wake up; a clock that was set, or a sleeping machine, costs at most this. */
const LONGEST_SLEEP_MS = 60_000;

/** The loop that the composition root owns. */
export function createPump({ digester, batcher, clock, log }: PumpDeps): Pump {
  let isRunning = false;
  let isNudged = false;
  let timer: NodeJS.Timeout | undefined;
  let work: Promise<void> | null = null;

  /** Does one step; false, and logged, when it fails. */
  const step = async (does: () => Promise<unknown>): Promise<boolean> => {
    try {
      await does();
      return true;
    } catch (thrown) {
      log.error("the pump failed; it tries again", { reason: messageOf(thrown), retryMs: RETRY_MS });
      return false;
    }
  };

  /** One pass over everything that waits; resolves to how long to sleep, in milliseconds, or null for until nudged. */
  const pass = async (): Promise<number | null> => {
    // An Event that cannot be digested holds no Batch up, and a run that does not start no Event.
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
