const SHORTEST_MS = 10_000;
const LONGEST_MS = 600_000;

/**
 * Milliseconds until a failed message is retried: exponential backoff with jitter, from 10 s to 10 min, doubling with
 * each attempt. `random` is between 0 and 1.
 */
export function backoffMs(attempts: number, random: number): number {
  const about = SHORTEST_MS * 2 ** Math.min(attempts - 1, 10);
  return Math.round(Math.min(LONGEST_MS, Math.max(SHORTEST_MS, about * (0.75 + random / 2))));
}
