import { drawAttempt, runAttempt } from "./attempt.ts";
import { PLANTS } from "./plants.ts";

/** Runs every `step`-th attempt from `first` on, in a process of its own, and sends each outcome to its parent. */
const [seed = 0, first = 0, count = 0, step = 1] = process.argv.slice(2, 6).map(Number);
const hole = PLANTS[process.argv[6] ?? ""];

for (let number = first; number < count; number += step)
  process.send?.(await runAttempt(drawAttempt(seed, number), hole));
process.disconnect?.();
