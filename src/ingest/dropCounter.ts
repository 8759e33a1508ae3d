import { messageOf } from "../domain/errors.ts";
import type { IngestCount } from "../domain/ingestCount.ts";
import type { Clock } from "../domain/ports/clock.ts";
import type { IngestCounts } from "../domain/ports/ingestCounts.ts";
import type { Log } from "../domain/ports/log.ts";

/** Counts what became of Events that were not stored (the spool counts those that were). */
export interface DropCounter {
  /** On disk within a second, so that a flood of refusals costs one write a second. */
  count(count: IngestCount): void;
  /** On disk when it resolves; where the disk fails, as soon as it can. */
  flush(): Promise<void>;
  /** Writes what there is to write. */
  close(): Promise<void>;
}

const FLUSH_MS = 1000;

/** The ledger over its durable counters. */
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
