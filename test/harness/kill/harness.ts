import { rmSync } from "node:fs";
import { join } from "node:path";
import type { Kill } from "./faultPoints.ts";
import { type JourneyEnd, runJourney } from "./journey.ts";
import type { Scenario } from "./scenarios.ts";

/** What came of killing journeys of one scenario. */
export interface Counts {
  scenario: string;
  /** Journeys that were run, each on a folder of its own. */
  journeys: number;
  kills: number;
  /** Journeys that never came past their point: what runs beside a journey does not do the same each time. */
  missed: number;
  /** Messages that came again, under the same key. */
  resent: number;
  /** Milliseconds from listening, after a kill, until the first step of what had been under way. */
  slowestMs: number;
  violations: string[];
}

export interface HarnessOptions {
  /** An empty folder. */
  dir: string;
  /** What `bundleChild` made. */
  entry: string;
  scenario: Scenario;
  /** Each is a journey; its processes are killed there one after the other. */
  plans: readonly (readonly Kill[])[];
  /** Journeys at a time. Each has its own folder, port and processes: they share nothing but the machine. */
  atOnce: number;
  /** Told when a journey is over. */
  onEnd?: (counts: Counts, found: readonly string[]) => void;
}

/** Runs a journey for each plan. */
export async function killAt(options: HarnessOptions): Promise<Counts> {
  const { scenario, plans, atOnce } = options;
  const none = { journeys: 0, kills: 0, missed: 0, resent: 0, slowestMs: 0 };
  const counts: Counts = { scenario: scenario.name, ...none, violations: [] };
  await inLanes(plans, atOnce, async (kills, index) => {
    const folder = join(options.dir, String(index));
    const end = await killed(options, kills, folder);
    const found = count(counts, end, kills.length);
    options.onEnd?.(counts, found);
    // What went wrong stays, to be looked at.
    if (found.length === 0) rmSync(folder, { recursive: true, force: true });
  });
  return counts;
}

/** A journey that did not come past its point is run once more. */
async function killed({ entry, scenario }: HarnessOptions, kills: readonly Kill[], dir: string): Promise<JourneyEnd> {
  const end = await runJourney({ dir, entry, scenario, kills });
  if (end.kills > 0 || end.violations.length > 0) return end;
  rmSync(dir, { recursive: true, force: true });
  return runJourney({ dir, entry, scenario, kills });
}

function count(counts: Counts, end: JourneyEnd, wanted: number): string[] {
  const killedAt = end.points.slice(0, end.kills).map((points) => points.at(-1));
  const places = killedAt.map((point) => (point === undefined ? "its start" : `${point.stage}: ${point.label}`));
  const found = end.violations.map((what) => `${counts.scenario}, killed at [${places.join("] and [")}]: ${what}`);
  counts.journeys += 1;
  counts.kills += end.kills;
  counts.missed += wanted - end.kills;
  counts.resent += end.resent;
  counts.slowestMs = Math.max(counts.slowestMs, end.goOnMs);
  counts.violations.push(...found);
  return found;
}

async function inLanes<T>(items: readonly T[], lanes: number, work: (item: T, index: number) => Promise<void>) {
  const left = items.entries();
  const lane = async () => {
    for (const [index, item] of left) await work(item, index);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}
