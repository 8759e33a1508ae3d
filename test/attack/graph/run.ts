import { fork } from "node:child_process";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import type { Outcome } from "./attempt.ts";

export interface GraphAttackOptions {
  count: number;
  seed: number;
  /** The name of a hole in `plants.ts` that must be found. */
  plant?: string | undefined;
}

/** Runs the attempts in as many processes as there are cores. Throws if one of them ends before its work is done. */
export async function attackGraph({ count, seed, plant }: GraphAttackOptions): Promise<Outcome[]> {
  const step = Math.min(count, availableParallelism());
  const outcomes: Outcome[] = [];
  await Promise.all(
    Array.from({ length: step }, (_, first) => {
      const args = [seed, first, count, step].map(String);
      const child = fork(fileURLToPath(new URL("worker.ts", import.meta.url)), [
        ...args,
        ...(plant === undefined ? [] : [plant]),
      ]);
      child.on("message", (outcome) => void outcomes.push(outcome as Outcome));
      return new Promise<void>((resolve, reject) => {
        child.on("error", reject);
        child.on("exit", (code, signal) =>
          code === 0 ? resolve() : reject(new Error(`a worker ended with ${code ?? signal}`)),
        );
      });
    }),
  );
  if (outcomes.length !== count) throw new Error(`${outcomes.length} of ${count} attempts came to an end`);
  return outcomes.sort((a, b) => a.number - b.number);
}
