import { statfs } from "node:fs/promises";
import type { Clock } from "../../domain/ports/clock.ts";

/** Maximum age of a reading, milliseconds. A reading costs a system call, and a network file system may be slow. */
const FRESH_MS = 1000;

/**
 * Creates a function that returns the free bytes of a file system for an ordinary user. The file system is read at most
 * once a second. The value is infinite until the first reading succeeds. If a reading fails, the previous value stays.
 */
export function createDiskGauge(dir: string, clock: Clock): () => number {
  let free = Number.POSITIVE_INFINITY;
  let readAt = Number.NEGATIVE_INFINITY;
  return () => {
    const now = clock.now();
    // If the clock was set back, the old reading must not stay valid.
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
