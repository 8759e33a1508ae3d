import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bundleChild } from "./bundle.ts";
import { killAtPoints } from "./harness.ts";
import { PLANTS } from "./plants.ts";
import { isCaught, shuffled } from "./run.ts";
import { approval, rollBack } from "./scenarios.ts";

let dir = "";
let entry = "";
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "selfheal-kill-"));
  entry = await bundleChild(dir);
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

describe("kill -9 at points of a journey, then start: it goes on by itself, and nothing happens twice", () => {
  const seed = Date.now() % 1_000_000;

  it.each([
    ["approval", approval, 3],
    ["rollBack", rollBack, 1],
  ] as const)("a sample of the points of %s", { timeout: 180_000 }, async (_, scenario, sample) => {
    console.log(`kill ${scenario.name}: seed ${seed}; every point: npm run harness kill`);
    const choose = (points: readonly { at: number }[]) =>
      shuffled(points, seed)
        .slice(0, sample)
        .map(({ at }) => [{ at }]);
    const counts = await killAtPoints({ dir: join(dir, scenario.name), entry, scenario, choose, atOnce: 2 });
    expect(counts.violations).toEqual([]);
    expect(counts).toMatchObject({ points: expect.any(Number), kills: sample });
    expect(counts.slowestMs).toBeLessThan(10_000);
  });
});

describe.concurrent("the harness catches a planted bug", () => {
  it.each(Object.keys(PLANTS).map((name, index) => [name, index] as const))(
    "%s",
    { timeout: 180_000 },
    async (name, index) => {
      expect(await isCaught(name, join(dir, `plant-${index}`), entry)).toBe(true);
    },
  );
});
