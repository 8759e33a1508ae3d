import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { awaited } from "../helpers/patience.ts";
import { programArgs } from "../helpers/program.ts";
import { tempFolder } from "../helpers/tempFolder.ts";
import { makeTinyService, tinyEvent } from "../helpers/tinyService.ts";

/** `selfheal heal` with a temporary folder of its own. */
async function heal(dir: string, ...args: string[]) {
  const tmp = join(dir, "tmp");
  mkdirSync(tmp);
  const tiny = makeTinyService(dir);
  const event = join(dir, "event.json");
  writeFileSync(event, JSON.stringify(tinyEvent(tiny)));
  const given = ["heal", "--repo", tiny.repo, "--event", event, ...args];
  const child = spawn(process.execPath, [...(await programArgs("src/cli/index.ts")), ...given], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { PATH: process.env.PATH, HOME: process.env.HOME, TMPDIR: tmp },
  });
  let said = "";
  child.stderr.on("data", (chunk) => {
    said += String(chunk);
  });
  child.stdout.resume();
  return { tmp, tiny, child, said: () => said, ended: once(child, "exit") as Promise<[number | null, string | null]> };
}

/** What is ours in a temporary folder. */
const leftIn = (tmp: string) => readdirSync(tmp).filter((name) => name.startsWith("selfheal"));

it.each(["SIGINT", "SIGTERM"] as const)("leaves nothing behind when it is interrupted by %s", async (signal) => {
  const dir = tempFolder();
  const run = await heal(dir, "--repro", "sleep 30");
  const working = () => leftIn(run.tmp).some((name) => existsSync(join(run.tmp, name, "work")));
  await awaited("it gets to work", { look: () => working() || undefined, instead: run.said });
  run.child.kill(signal);
  expect(await run.ended).toEqual([1, null]);
  expect(run.said()).toContain("interrupted");
  expect(leftIn(run.tmp)).toEqual([]);
  expect(run.tiny.git("status", "--porcelain", "--ignored")).toBe("");
  expect(run.tiny.git("branch", "--list")).toBe("* main");
});

it("a step that fails is an error, not an abstention, and leaves nothing behind", async () => {
  const run = await heal(tempFolder(), "--brain", "model", "--base-url", "http://127.0.0.1:1/v1");
  expect(await run.ended).toEqual([1, null]);
  expect(run.said()).toMatch(/planner failed: /);
  expect(leftIn(run.tmp)).toEqual([]);
});
