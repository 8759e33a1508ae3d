import { existsSync, mkdirSync, mkdtempSync, renameSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { bundleChild } from "../harness/kill/bundle.ts";

const ROOT = new URL("../..", import.meta.url);
const made = new Map<string, Promise<string>>();

/**
 * What Node is given to run a program of this repository (`src/cli/index.ts`) in a process of its own. In a test run it is a
 * bundle, made when it is first asked for: the same code, but a start of half a second instead of several. Elsewhere it is
 * the source.
 */
export async function programArgs(source: string): Promise<string[]> {
  const programs = process.env.SELFHEAL_TEST_PROGRAMS;
  if (programs === undefined) return ["--import", "tsx", fileURLToPath(new URL(source, ROOT))];
  const file = made.get(source) ?? bundleOnce(join(programs, source.replaceAll("/", "-")), source);
  made.set(source, file);
  return [await file];
}

/** Several processes of a run may come at once: the first one that is done makes it for all. */
async function bundleOnce(dir: string, source: string): Promise<string> {
  if (!existsSync(dir)) {
    mkdirSync(dirname(dir), { recursive: true });
    const own = mkdtempSync(`${dir}.new-`);
    await bundleChild(own, source);
    try {
      renameSync(own, dir);
    } catch (error) {
      if (!existsSync(dir)) throw error;
    }
  }
  return join(dir, "bundle", "child", "child.mjs");
}
