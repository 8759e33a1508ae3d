import { messageOf } from "../domain/errors.ts";
import type { Log } from "../domain/ports/log.ts";

/** How long a round may take to end once it is asked to, milliseconds. */
const GRACE_MS = 3000;

export interface Interval {
  /** Resolves when no round is under way any more; one that takes long is aborted. */
  stop(): Promise<void>;
}

/**
 * Does a job again and again, `everyMs` after the last time ended. The stored rows that it looks at are the truth.
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
