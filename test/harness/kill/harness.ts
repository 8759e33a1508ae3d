import { rmSync } from "node:fs";
import { join } from "node:path";
import type { Kill, Point } from "./faultPoints.ts";
import { type JourneyEnd, runJourney } from "./journey.ts";
import type { Scenario } from "./scenarios.ts";

/** What came of killing journeys of one scenario. */
export interface Counts {
  scenario: string;
  /** Points of a journey that nobody kills. */
  points: number;
  /** Journeys that were run, each on a folder of its own. */
  journeys: number;
  kills: number;
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
  /** Which points of so many; each is a journey, and its processes are killed there one after the other. */
  choose: (points: readonly Point[]) => readonly (readonly Kill[])[];
  /** Journeys at a time. */
  atOnce: number;
  say?: (line: string) => void;
}

/** Counts the points of a journey, then runs it again and again, killed at the chosen ones. */
export async function killAtPoints(options: HarnessOptions): Promise<Counts> {
  const { dir, entry, scenario, say = () => undefined } = options;
  const plain = await runJourney({ dir: join(dir, "plain"), entry, scenario, kills: [] });
  const points = plain.points[0] ?? [];
  const plans = options.choose(points);
  const counts: Counts = {
    ...{ scenario: scenario.name, points: points.length, journeys: 1, kills: 0, slowestMs: 0 },
    violations: plain.violations.map((what) => `not killed: ${what}`),
  };
  await inLanes(plans, options.atOnce, async (kills, index) => {
    const folder = join(dir, String(index));
    const end = await runJourney({ dir: folder, entry, scenario, kills });
    const found = count(counts, end);
    for (const line of found) say(line);
    // What went wrong stays, to be looked at.
    if (found.length === 0) rmSync(folder, { recursive: true, force: true });
  });
  return counts;
}

function count(counts: Counts, end: JourneyEnd): string[] {
  const killedAt = end.points.slice(0, end.kills).map((points) => points.at(-1)?.label ?? "its start");
  const found = end.violations.map((what) => `${counts.scenario}, killed at [${killedAt.join("] and [")}]: ${what}`);
  counts.journeys += 1;
  counts.kills += end.kills;
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
