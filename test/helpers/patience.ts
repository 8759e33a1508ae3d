import { setTimeout as delay } from "node:timers/promises";

/** How long nothing at all may go on: a net under what hangs, far beyond what a busy machine makes of any step. */
export const STANDSTILL_MS = 180_000;

/** Awaits that an assertion holds. Returns what it returned. */
export async function eventually<T>(holds: () => T | Promise<T>, intervalMs = 20): Promise<T> {
  const from = performance.now();
  for (;;) {
    try {
      return await holds();
    } catch (failure) {
      if (performance.now() - from > STANDSTILL_MS) throw failure;
      await delay(intervalMs);
    }
  }
}

export interface Awaited<T> {
  /** What is awaited; undefined while it is not there. */
  look(): T | undefined | Promise<T | undefined>;
  /** Differs from one look to the next as long as there is headway; default: nothing but the end is. */
  headway?(): string | number;
  /** What there is instead, for whoever reads that it did not come. */
  instead?(): string;
  intervalMs?: number;
}

/** Awaits something that others are working on. The deadline counts from their last headway, not from the start. */
export async function awaited<T>(what: string, { look, headway, instead, intervalMs = 20 }: Awaited<T>): Promise<T> {
  let seen = headway?.();
  let lastHeadwayAt = performance.now();
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    const now = headway?.();
    if (now !== seen) lastHeadwayAt = performance.now();
    seen = now;
    if (performance.now() - lastHeadwayAt > STANDSTILL_MS)
      throw new Error(`${what}: nothing went on for ${STANDSTILL_MS / 1000} s; ${instead?.() ?? ""}`);
    await delay(intervalMs);
  }
}

/** Milliseconds of this process's CPU that a piece of work takes: unlike a clock's, they do not grow on a busy machine. */
export function cpuMs(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
