import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundleChild } from "./bundle.ts";
import type { Kill, Point } from "./faultPoints.ts";
import { type Counts, killAt } from "./harness.ts";
import { runJourney } from "./journey.ts";
import { PLANTS } from "./plants.ts";
import { enumerate } from "./points.ts";
import { SCENARIOS, type Scenario } from "./scenarios.ts";

export interface KillOptions {
  /** Of the double kills. */
  seed: number;
  /** Double kills a scenario. */
  doubles: number;
  /** Only this one of the scenarios, or `plants`. */
  only?: string | undefined;
  /** Which of the plans to begin with, and to end with; from 1. */
  from: number;
  to: number;
  /** A file that keeps the list of what is to be killed, so that a later run goes on with the same one. */
  list?: string | undefined;
}

type Plans = Record<string, readonly (readonly Kill[])[]>;
/** How much of a journey's recovery the second kills are drawn from, in points of the process. */
const RECOVERY = 250;
const SAY_EVERY = 20;

/** Kills every scenario at every point, and at pairs of them, and plants every bug. Prints counts; false: not green. */
export async function runKillHarness(options: KillOptions, print: (line: string) => void): Promise<boolean> {
  const dir = mkdtempSync(join(tmpdir(), "selfheal-kill-"));
  const entry = await bundleChild(dir);
  const plans = await listed(options, () => plan({ dir, entry }, options, print));
  const wanted = SCENARIOS.filter(({ name }) => (options.only ?? name) === name);
  let green = true;
  for (const scenario of wanted) {
    const all = plans[scenario.name] ?? [];
    const counts = await killSome({ dir: join(dir, scenario.name), entry }, { ...options, scenario, all }, print);
    green = green && counts.violations.length === 0;
  }
  if (options.only === undefined || options.only === "plants") {
    const missed = await missedPlants(dir, entry);
    print(`planted bugs: ${Object.keys(PLANTS).length}, missed: ${missed.join("; ") || "none"}`);
    green = green && missed.length === 0;
  }
  if (green) rmSync(dir, { recursive: true, force: true });
  else print(`what went wrong lies in ${dir}`);
  return green;
}

interface Ground {
  dir: string;
  entry: string;
}

async function listed({ list }: KillOptions, make: () => Promise<Plans>): Promise<Plans> {
  if (list === undefined) return make();
  if (!existsSync(list)) writeFileSync(list, JSON.stringify(await make()));
  return JSON.parse(readFileSync(list, "utf8")) as Plans;
}

/** Runs each scenario once without a kill, and lists where it is to be killed. */
async function plan({ dir, entry }: Ground, { seed, doubles }: KillOptions, print: (line: string) => void) {
  const seen = new Map<string, readonly Point[]>();
  const plans: Plans = {};
  for (const scenario of SCENARIOS) {
    const plain = await runJourney({ dir: join(dir, `plain-${scenario.name}`), entry, scenario, kills: [] });
    if (plain.violations.length > 0) throw new Error(`${scenario.name}, not killed: ${plain.violations.join("; ")}`);
    const points = plain.points[0] ?? [];
    seen.set(scenario.name, points);
    const { kills, harmless, sameState, sameElsewhere } = enumerate(
      scenario,
      points,
      seen.get(scenario.differs?.than ?? "") ?? null,
    );
    const twice = pairs(kills, seed).slice(0, doubles);
    plans[scenario.name] = [...kills.map((kill) => [kill]), ...twice];
    const left = `${harmless} that change nothing, ${sameState} in the state of the one before, ${sameElsewhere} the same in ${scenario.differs?.than ?? "no other"}`;
    print(
      `kill ${scenario.name}: ${points.length} points; ${left}; ${kills.length} to kill at, and ${twice.length} pairs`,
    );
  }
  return plans;
}

/** A point, and one in the recovery from it; the same for the same seed. */
export function pairs(kills: readonly Kill[], seed: number): Kill[][] {
  const second = shuffled(
    Array.from({ length: RECOVERY }, (_, index) => index + 1),
    seed + 1,
  );
  return shuffled(kills, seed).map((kill, index) => [kill, { at: second[index % RECOVERY] ?? 1 }]);
}

interface Wanted extends KillOptions {
  scenario: Scenario;
  all: readonly (readonly Kill[])[];
}

async function killSome(ground: Ground, wanted: Wanted, print: (line: string) => void): Promise<Counts> {
  const { scenario, all, from, to } = wanted;
  const plans = all.slice(from - 1, to);
  const startedAt = Date.now();
  const where = (done: number) => `kill ${scenario.name}: ${from - 1 + done} of ${all.length}`;
  const onEnd = (counts: Counts, found: readonly string[]) => {
    for (const line of found) print(line);
    if (counts.journeys % SAY_EVERY === 0 || counts.journeys === plans.length)
      print(`${where(counts.journeys)}, ${figuresOf(counts)}, ${Math.round((Date.now() - startedAt) / 1000)} s`);
  };
  return killAt({ ...ground, scenario, plans, atOnce: 2, onEnd });
}

function figuresOf({ journeys, kills, missed, resent, slowestMs, violations }: Counts): string {
  const done = `${journeys} journeys, ${kills} kills, ${missed} not come past, ${resent} messages sent again`;
  return `${done}, slowest to go on ${slowestMs} ms, ${violations.length} violations`;
}

/** The planted bugs that nothing was said about. */
async function missedPlants(dir: string, entry: string): Promise<string[]> {
  const missed: string[] = [];
  for (const [index, plant] of Object.keys(PLANTS).entries()) {
    const why = await whyMissed(plant, join(dir, `plant-${index}`), entry);
    if (why !== null) missed.push(`${plant} (${why})`);
  }
  return missed;
}

/** null: the harness caught the planted bug. Else what it saw instead. */
export async function whyMissed(plant: string, dir: string, entry: string): Promise<string | null> {
  const planted = PLANTS[plant];
  if (planted === undefined) return `there is no plant ${plant}`;
  const { scenario, kill, shows } = planted;
  const stuck = shows.test("nothing went on");
  const end = await runJourney({
    ...{ dir, entry, scenario, kills: [kill], plant, impatient: true },
    ...(stuck && { goOnMs: 3000 }),
  });
  if (end.kills === 1 && end.violations.some((what) => shows.test(what))) return null;
  return `killed ${end.kills} times; violations: ${end.violations.join("; ") || "none"}`;
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
