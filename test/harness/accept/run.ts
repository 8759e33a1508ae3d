import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundleChild } from "./bundle.ts";
import { drainUnderLoad } from "./drain.ts";
import { callPoints, failCall, type JourneyEnd, killAtCall } from "./journey.ts";
import { HAS_STRACE } from "./life.ts";
import { PLANTS } from "./plants.ts";

/** Calls that fail: for good until they work again, or once. */
export const FAULTS = [
  { call: "pwrite64", error: "ENOSPC" },
  { call: "pwrite64", error: "EIO" },
  { call: "fsync", error: "EIO" },
  { call: "fsync", error: "ENOSPC" },
  ...[1, 2, 3, 4, 5, 6, 7].map((when) => ({ call: "fsync", error: "EIO", when })),
  ...[1, 5, 20, 33, 48, 60].map((when) => ({ call: "pwrite64", error: "ENOSPC", when })),
];

/** Whether the harness says what it should about a planted bug. */
export async function isCaught(plant: string, dir: string, entry: string): Promise<boolean> {
  const planted = PLANTS[plant];
  if (planted === undefined) return false;
  const { shownBy, shows } = planted;
  const ground = { dir, entry, plant };
  const end = "kill" in shownBy ? await killAtCall(ground, shownBy.kill) : await failCall(ground, shownBy.fails);
  return end.violations.some((what) => shows.test(what));
}

/** The long form: every call is killed at, every fault is tried. Prints counts; false: not green. */
export async function acceptHarness(print: (line: string) => void): Promise<boolean> {
  if (!HAS_STRACE) {
    print("accept: skipped, there is no strace here");
    return true;
  }
  const startedAt = Date.now();
  const dir = mkdtempSync(join(tmpdir(), "selfheal-accept-"));
  const entry = await bundleChild(dir);
  const points = await callPoints({ dir: join(dir, "plain"), entry });
  const violations: string[] = [];
  const count = (what: string, end: JourneyEnd): JourneyEnd => {
    violations.push(...end.violations.map((violation) => `${what}: ${violation}`));
    return end;
  };
  let kills = 0;
  for (const [index, point] of points.entries()) {
    const end = count(
      `killed at ${point.call} ${point.nth}`,
      await killAtCall({ dir: join(dir, `kill-${index}`), entry }, point),
    );
    if (end.killed) kills++;
    if (index % 20 === 19) print(`accept: ${index + 1} of ${points.length} calls, ${violations.length} violations`);
  }
  print(`accept: ${points.length} calls, killed at ${kills}`);
  for (const [index, fault] of FAULTS.entries()) {
    count(JSON.stringify(fault), await failCall({ dir: join(dir, `fault-${index}`), entry }, fault));
  }
  const missed: string[] = [];
  for (const [index, plant] of Object.keys(PLANTS).entries()) {
    if (!(await isCaught(plant, join(dir, `plant-${index}`), entry))) missed.push(plant);
  }
  const drain = await drainUnderLoad(join(dir, "drain"), 1000);
  violations.push(...drain.violations.map((what) => `drain: ${what}`));
  for (const line of violations) print(line);
  print(
    `accept: ${FAULTS.length} faults; planted bugs: ${Object.keys(PLANTS).length}, missed: ${missed.join("; ") || "none"}`,
  );
  print(`accept: drained in ${drain.tookMs} ms, ${drain.acked} acknowledged, ${drain.cutOff} cut off`);
  print(`accept: ${violations.length} violations, ${Math.round((Date.now() - startedAt) / 1000)} s`);
  const green = violations.length === 0 && missed.length === 0;
  if (green) rmSync(dir, { recursive: true, force: true });
  else print(`what went wrong lies in ${dir}`);
  return green;
}
