import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadFactor } from "../../../src/cli/demo/loadFactor.ts";
import { bundleChild } from "./bundle.ts";
import { drainUnderLoad } from "./drain.ts";
import { failCall, killAtCall } from "./journey.ts";
import { HAS_STRACE } from "./life.ts";
import { PLANTS } from "./plants.ts";
import { isCaught } from "./run.ts";

let dir = "";
let entry = "";
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "selfheal-accept-"));
  entry = await bundleChild(dir);
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const seed = Date.now();
/** Of the 72, 14 and 7 that a whole round makes: a write to the disk, and an answer or a sync. */
const KILLS = [
  { call: "pwrite64", nth: 1 + (seed % 70) },
  seed % 2 === 0 ? { call: "writev", nth: 1 + (seed % 12) } : { call: "fsync", nth: 1 + (seed % 7) },
];

describe.skipIf(!HAS_STRACE)("the accept path under strace (every call: npm run harness accept)", () => {
  test.each(KILLS)("kill -9 at $call $nth: what was acknowledged is stored, the rest is taken later", async (point) => {
    const end = await killAtCall({ dir: join(dir, `kill-${point.call}`), entry }, point);
    expect(end.violations).toEqual([]);
    expect(end.killed).toBe(true);
  });

  test.each([
    { call: "pwrite64", error: "ENOSPC" },
    { call: "fsync", error: "EIO" },
    { call: "fsync", error: "EIO", when: 2 },
  ])("$call fails with $error: nothing is promised, and it goes on by itself", async (fault) => {
    const end = await failCall({ dir: join(dir, `${fault.call}-${fault.error}-${fault.when}`), entry }, fault);
    expect(end.violations).toEqual([]);
  });

  test.each(Object.keys(PLANTS).map((name, index) => [name, index] as const))("catches: %s", async (name, index) => {
    expect(await isCaught(name, join(dir, `plant-${index}`), entry)).toBe(true);
  });
});

test("SIGTERM under load: every acknowledged event is stored, nobody hangs, and it ends in time", async () => {
  const end = await drainUnderLoad(join(dir, "drain"));
  expect(end.violations).toEqual([]);
  expect(end.acked).toBeGreaterThanOrEqual(100);
  // Idle steps: only requests that are under way are waited for.
  expect(end.tookMs).toBeLessThan(10_000 * loadFactor());
});
