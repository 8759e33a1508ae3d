import { messageOf } from "../domain/errors.ts";
import type { IngestCount } from "../domain/ingestCount.ts";
import type { Clock } from "../domain/ports/clock.ts";
import type { IngestCounts } from "../domain/ports/ingestCounts.ts";
import type { Log } from "../domain/ports/log.ts";

/** Counts the outcomes of Events that were not stored. (The spool counts the stored ones.) */
export interface DropCounter {
  /** Adds to a counter. It is on disk within a second, so that a flood of refusals costs one write per second. */
  count(count: IngestCount): void;
  /**
   * Writes the counters. They are on disk when it resolves. If the disk fails, the failure is logged and the write
   * retried.
   */
  flush(): Promise<void>;
  /** Writes the remaining counters. */
  close(): Promise<void>;
}

const FLUSH_MS = 1000;

/** Creates the counter over its durable store. */
export function createDropCounter({
  counts,
  clock,
  log,
}: {
  counts: IngestCounts;
  clock: Clock;
  log: Log;
}): DropCounter {
  let unwritten = new Map<string, IngestCount>();
  let timer: NodeJS.Timeout | undefined;
  let writing = Promise.resolve();

  const keep = (count: IngestCount): void => {
    const key = JSON.stringify([count.project, count.outcome, count.reason]);
    const before = unwritten.get(key)?.events ?? 0;
    unwritten.set(key, { ...count, events: before + count.events });
  };
  const write = async (): Promise<void> => {
    const batch = [...unwritten.values()];
    unwritten = new Map();
    if (batch.length === 0) return;
    try {
      await counts.add(batch, clock.now());
    } catch (thrown) {
      batch.forEach(keep);
      schedule();
      log.warn("counters of ingest wait to be written", { reason: messageOf(thrown) });
    }
  };
  const flush = (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    writing = writing.then(write);
    return writing;
  };
  const schedule = (): void => {
    timer ??= setTimeout(() => void flush(), FLUSH_MS).unref();
  };

  return {
    count: (count) => {
      if (count.events === 0) return;
      keep(count);
      schedule();
    },
    flush,
    close: async () => {
      await flush();
      clearTimeout(timer);
    },
  };
}
