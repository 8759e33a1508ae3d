import { describe, expect, it } from "vitest";
import { bugs } from "./bugs.ts";
import { simulate } from "./simulate.ts";

const SEED = 20_261_123;

describe("a simulated world", () => {
  it(`keeps every rule on 60 schedules (seed ${SEED})`, async () => {
    const result = await simulate({ seed: SEED, schedules: 60, shrink: false });
    expect(result.failed, `seed ${SEED}, path ${result.counterexamplePath}: ${result.errorInstance}`).toBe(false);
  });

  it.each(bugs)(
    "finds a planted bug: $name",
    async (bug) => {
      const result = await simulate({ seed: SEED, schedules: 60, shrink: false, bug });
      expect(result.failed, `${bug.name} was not found in ${result.numRuns} schedules`).toBe(true);
    },
    120_000,
  );

  it("does the same again from the same seed", async () => {
    const once = async () => {
      const counts: number[] = [];
      await simulate({ seed: SEED, schedules: 5, shrink: false, onEnd: (world) => counts.push(world.scheduler.count) });
      return counts;
    };
    expect(await once()).toEqual(await once());
  });
});
