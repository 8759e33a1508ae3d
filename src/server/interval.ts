import { messageOf } from "../domain/errors.ts";
import type { Log } from "../domain/ports/log.ts";

/** How long a job may take to end after `stop`, before it is aborted, milliseconds. */
const GRACE_MS = 3000;

/** A job that repeats until it is stopped. */
export interface Interval {
  /** Resolves when the job no longer runs. A job that takes long is aborted. */
  stop(): Promise<void>;
}

/**
 * Repeats a job, `everyMs` after its last end. A job reads its work from stored rows, so an error loses nothing: it is
 * logged, and the job runs again.
 */
export function startInterval(
  what: string,
  job: (signal: AbortSignal) => Promise<void>,
  { everyMs, log }: { everyMs: number; log: Log },
): Interval {
  const stopping = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  let round = Promise.resolve();
  const next = async () => {
    try {
      await job(stopping.signal);
    } catch (error) {
      log.error(`${what} could not be looked at`, { reason: messageOf(error) });
    }
    if (!stopped) schedule(everyMs);
  };
  const schedule = (inMs: number) => {
    timer = setTimeout(() => {
      round = next();
    }, inMs);
  };
  schedule(0);
  return {
    async stop() {
      stopped = true;
      clearTimeout(timer);
      const late = setTimeout(() => stopping.abort(), GRACE_MS);
      await round;
      clearTimeout(late);
    },
  };
}
