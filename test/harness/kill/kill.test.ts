import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadFactor } from "../../../src/cli/demo/loadFactor.ts";
import { bundleChild } from "./bundle.ts";
import type { Kill } from "./faultPoints.ts";
import { runJourney } from "./journey.ts";
import { PLANTS } from "./plants.ts";
import { shuffled, whyMissed } from "./run.ts";
import { approval, rollBack, type Scenario, slowDeploy } from "./scenarios.ts";

let dir = "";
let entry = "";
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "selfheal-kill-"));
  entry = await bundleChild(dir);
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const seed = Date.now() % 1_000_000;
/** Points of a process, counted from its start; a journey has some hundreds. */
const [one = 1, two = 1, three = 1] = shuffled(
  Array.from({ length: 700 }, (_, index) => index + 1),
  seed,
);

/** Two at a time, the slowest first. */
describe.concurrent("kill -9, then start: it goes on by itself, and nothing happens twice", () => {
  const recovery = 1 + (three % 200);
  it.each<[string, Scenario, Kill[]]>([
    [`rollBack, at point ${one}`, rollBack, [{ at: one }]],
    [`approval, at point ${two}, and again in the recovery at ${recovery}`, approval, [{ at: two }, { at: recovery }]],
    ["slowDeploy, amid its deploy command", slowDeploy, [{ label: "amid command deploy", nth: 1 }]],
  ])(`%s (seed ${seed}; every point: npm run harness kill)`, async (_, scenario, kills) => {
    const end = await runJourney({ dir: join(dir, scenario.name), entry, scenario, kills });
    expect(end.violations).toEqual([]);
    expect(end.kills).toBeGreaterThan(0);
    expect(end.goOnMs).toBeLessThan(10_000 * loadFactor());
  });
});

describe.concurrent("the harness catches a planted bug", () => {
  it.each(Object.keys(PLANTS).map((name, index) => [name, index] as const))("%s", async (name, index) => {
    expect(await whyMissed(name, join(dir, `plant-${index}`), entry)).toBeNull();
  });
});
