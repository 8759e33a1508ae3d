import { statfs } from "node:fs/promises";
import type { Clock } from "../../domain/ports/clock.ts";

/** How old a reading may be, milliseconds: asking costs a system call, and a network file system may take its time. */
const FRESH_MS = 1000;

/** How many bytes a file system has left for an ordinary user, read at most once a second. Infinite until the first answer, and where it cannot be told. */
export function createDiskGauge(dir: string, clock: Clock): () => number {
  let free = Number.POSITIVE_INFINITY;
  let readAt = Number.NEGATIVE_INFINITY;
  return () => {
    const now = clock.now();
    // A clock that was set back must not keep an old reading.
    if (Math.abs(now - readAt) >= FRESH_MS) {
      readAt = now;
      void statfs(dir).then(
        ({ bavail, bsize }) => {
          free = bavail * bsize;
        },
        () => undefined,
      );
    }
    return free;
  };
}
