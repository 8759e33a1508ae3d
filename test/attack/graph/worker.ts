import { drawAttempt, type Outcome, runAttempt } from "./attempt.ts";
import { PLANTS } from "./plants.ts";
import { realAttempts } from "./realAttempts.ts";

/** Runs every `step`-th attempt from `first` on, in a process of its own, and sends each outcome to its parent. */
const [seed = 0, first = 0, count = 0, step = 1] = process.argv.slice(2, 6).map(Number);
const [kind = "", plant = ""] = process.argv.slice(6);

const send = (outcome: Outcome) => new Promise((sent) => process.send?.(outcome, sent));
if (kind === "real") for await (const outcome of realAttempts(seed, { first, count, step })) await send(outcome);
else
  for (let number = first; number < count; number += step)
    await send(await runAttempt(drawAttempt(seed, number), PLANTS[plant]));
process.disconnect?.();
