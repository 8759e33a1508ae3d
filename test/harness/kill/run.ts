import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundleChild } from "./bundle.ts";
import { type Counts, killAtPoints } from "./harness.ts";
import { runJourney } from "./journey.ts";
import { PLANTS } from "./plants.ts";
import { SCENARIOS } from "./scenarios.ts";

/** Kills every scenario at every point (in an order by the seed), and plants every bug. Prints counts; false: not green. */
export async function runKillHarness(seed: number, print: (line: string) => void): Promise<boolean> {
  const dir = mkdtempSync(join(tmpdir(), "selfheal-kill-"));
  const entry = await bundleChild(dir);
  const all: Counts[] = [];
  for (const scenario of SCENARIOS) {
    const choose = (points: readonly { at: number }[]) => shuffled(points, seed).map(({ at }) => [{ at }]);
    const counts = await killAtPoints({
      dir: join(dir, scenario.name),
      entry,
      scenario,
      choose,
      atOnce: 2,
      say: print,
    });
    print(lineOf(counts));
    all.push(counts);
  }
  const missed = await missedPlants(dir, entry);
  print(`planted bugs: ${Object.keys(PLANTS).length}, missed: ${missed.join("; ") || "none"}`);
  const green = missed.length === 0 && all.every(({ violations }) => violations.length === 0);
  if (green) rmSync(dir, { recursive: true, force: true });
  else print(`what went wrong lies in ${dir}`);
  return green;
}

function lineOf({ scenario, points, journeys, kills, slowestMs, violations }: Counts): string {
  const figures = `${points} points, ${journeys} journeys, ${kills} kills, slowest to go on ${slowestMs} ms`;
  return `kill ${scenario}: ${figures}, ${violations.length} violations`;
}

/** The planted bugs that nothing was said about. */
async function missedPlants(dir: string, entry: string): Promise<string[]> {
  const missed: string[] = [];
  for (const [index, plant] of Object.keys(PLANTS).entries()) {
    if (!(await isCaught(plant, join(dir, `plant-${index}`), entry))) missed.push(plant);
  }
  return missed;
}

/** Whether the harness says what it should about a planted bug. */
export async function isCaught(plant: string, dir: string, entry: string): Promise<boolean> {
  const planted = PLANTS[plant];
  if (planted === undefined) return false;
  const { scenario, kill, shows } = planted;
  const end = await runJourney({ dir, entry, scenario, kills: [kill], plant, goOnMs: 3000 });
  return end.kills === 1 && end.violations.some((what) => shows.test(what));
}

/** The same order for the same seed. */
export function shuffled<T>(items: readonly T[], seed: number): T[] {
  let state = seed >>> 0;
  const next = () => {
    // mulberry32
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  return items
    .map((item) => ({ item, place: next() }))
    .sort((a, b) => a.place - b.place)
    .map(({ item }) => item);
}
