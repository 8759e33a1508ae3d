import { fork } from "node:child_process";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import type { Outcome } from "./attempt.ts";

export interface GraphAttackOptions {
  /** pretended: repository, tester and production are in memory, and every check is green. real: all of it is real. */
  kind: "pretended" | "real";
  count: number;
  seed: number;
  /** The name of a hole in `plants.ts` that must be found. */
  plant?: string | undefined;
  /** Is called with the number of attempts that have come to an end. */
  onProgress?: (done: number) => void;
}

/** Runs the attempts in as many processes as there are cores. Throws if one of them ends before its work is done. */
export async function attackGraph({
  kind,
  count,
  seed,
  plant = "",
  onProgress,
}: GraphAttackOptions): Promise<Outcome[]> {
  const step = Math.min(count, availableParallelism());
  const outcomes: Outcome[] = [];
  const program = fileURLToPath(new URL("worker.ts", import.meta.url));
  await Promise.all(
    Array.from({ length: step }, (_, first) => {
      const child = fork(program, [...[seed, first, count, step].map(String), kind, plant]);
      child.on("message", (outcome) => {
        outcomes.push(outcome as Outcome);
        onProgress?.(outcomes.length);
      });
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
