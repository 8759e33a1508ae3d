import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";

/** One published package at a version with a known crash. Its code is fetched when the case runs and never kept here. */
const Case = z.strictObject({
  name: z.string().regex(/^[a-z0-9-]+$/),
  package: z.string(),
  faulty: z.string(),
  fixed: z.string(),
  /** Packages needed beside the package's own dependencies. */
  install: z.array(z.string()).default([]),
  /** Written to judge the engine, never to tune it on. */
  holdout: z.boolean().default(false),
  /** Why the case cannot be run as it was described; it keeps its line in the table. */
  notRun: z.string().optional(),
  /** In words: who crashes, and when. */
  crash: z.string(),
});
export type Case = z.infer<typeof Case>;

/** Folder of this file: each case has a folder beside it with `trigger.mjs` and `probe.mjs`. */
export const CASES = dirname(fileURLToPath(import.meta.url));

/** Cases of the manifest: those whose name contains one of the words of `only` (commas between), and with `holdout` those that nothing was tuned on. */
export function readCases(only?: string, holdout = false): Case[] {
  const cases = z.array(Case).parse(JSON.parse(readFileSync(join(CASES, "manifest.json"), "utf8")));
  const words = only?.split(",");
  return cases.filter(
    (c) => (words === undefined || words.some((word) => c.name.includes(word))) && (!holdout || c.holdout),
  );
}
