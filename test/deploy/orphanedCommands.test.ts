import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { createCommandTarget } from "../../src/deploy/commandTarget.ts";
import { type Attempt, createOrphans } from "../../src/deploy/orphanedCommands.ts";
import { createProcessRunner } from "../../src/tools/sandbox/processRunner.ts";
import { eventually } from "../helpers/patience.ts";
import { service } from "../helpers/service.ts";
import { tempFolder } from "../helpers/tempFolder.ts";

const never = new AbortController().signal;
const run = promisify(execFile);

/** Two processes over one folder: the one that is killed, and the one that comes after it. */
function two() {
  const dir = tempFolder();
  let looked: () => void = () => undefined;
  const waits = new Promise<void>((resolve) => {
    looked = resolve;
  });
  const sleep = async () => {
    looked();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { dir, waits, before: createOrphans({ dir, sleep }), after: createOrphans({ dir, sleep }) };
}

/** Resolves when it has printed something. */
async function begun(attempt: Attempt | null): Promise<void> {
  await eventually(async () => expect((await attempt?.output())?.stdout).toContain("begun"), 10);
}

it("waits for a command that a killed process left, and asks nothing before", async () => {
  const { dir, before, after, waits } = two();
  const attempt = await before.begin("shop", 1000, never);
  const go = join(dir, "go");
  const command = attempt?.wrap(
    `echo begun; while [ ! -e '${go}' ]; do sleep 0.02; done; echo effect > '${dir}/effect'`,
  );
  spawn("sh", ["-c", command ?? ""], { env: { ...process.env, ...attempt?.env } });
  await begun(attempt);

  let quiet: boolean | null = null;
  const asked = after.quiet("shop", 60_000_000, never).then((value) => {
    quiet = value;
  });
  await waits;
  expect(quiet).toBeNull();
  writeFileSync(go, "");
  await asked;
  expect(quiet).toBe(true);
  expect(readFileSync(join(dir, "effect"), "utf8")).toBe("effect\n");
});

it("says so when it does not end", async () => {
  const { before, after } = two();
  const attempt = await before.begin("shop", 1000, never);
  const child = spawn("sh", ["-c", attempt?.wrap("echo begun; exec sleep 100") ?? ""], {
    env: { ...process.env, ...attempt?.env },
  });
  await begun(attempt);
  expect(await after.quiet("shop", 500, never)).toBe(false);
  expect(await after.begin("shop", 500, never)).toBeNull();
  const gone = once(child, "exit");
  child.kill("SIGKILL");
  await gone;
  expect(await after.quiet("shop", 500, never)).toBe(true);
});

it("a command that had not begun when somebody asked never does", async () => {
  const { dir, before, after } = two();
  const attempt = await before.begin("shop", 1000, never);
  expect(await after.quiet("shop", 1000, never)).toBe(true);
  const late = run("sh", ["-c", attempt?.wrap(`touch '${dir}/effect'`) ?? ""], {
    env: { ...process.env, ...attempt?.env },
  });
  await expect(late).rejects.toMatchObject({ code: 75 });
  expect(existsSync(join(dir, "effect"))).toBe(false);
});

it("holds up neither another service nor the process's own command", async () => {
  const { before } = two();
  const attempt = await before.begin("shop", 1000, never);
  expect(await before.quiet("shop", 1000, never)).toBe(true);
  expect(await before.begin("mail", 1000, never)).not.toBeNull();
  await attempt?.done();
});

it("a command that prints outlives the selfheal that reads it", async () => {
  const { dir, before } = two();
  const attempt = await before.begin("shop", 1000, never);
  const go = join(dir, "go");
  const command = `echo begun; while [ ! -e '${go}' ]; do sleep 0.02; done; echo on; echo on >&2; echo effect > '${dir}/effect'`;
  const child = spawn("sh", ["-c", attempt?.wrap(command) ?? ""], { env: { ...process.env, ...attempt?.env } });
  // What becomes of the pipes when selfheal is killed.
  child.stdout.destroy();
  child.stderr.destroy();
  writeFileSync(go, "");
  expect(await once(child, "exit")).toEqual([0, null]);
  expect(readFileSync(join(dir, "effect"), "utf8")).toBe("effect\n");
  expect(await attempt?.output()).toEqual({ stdout: "begun\non\n", stderr: "on\n" });
  await attempt?.done();
  expect(readdirSync(dir).filter((name) => name.startsWith("shop.") && name !== "shop.fence")).toEqual([]);
});

it("keeps the end of what a talkative command printed", async () => {
  const dir = tempFolder();
  const target = createCommandTarget({
    processes: createProcessRunner(),
    dir,
    clock: { now: Date.now },
    sleep: async () => undefined,
  });
  const talks = service(dir, { deployCommand: "seq 1 400000; echo why >&2; exit 3" });
  const order = { ticketId: "t", commit: "a".repeat(40), previousCommit: "b".repeat(40), branch: "x", dir };
  const { end, stdout, stderr } = await target.deploy(talks, order, never);
  expect([end, stderr, stdout.length, stdout.endsWith("\n400000\n")]).toEqual([
    { kind: "exit", code: 3 },
    "why\n",
    2 ** 20,
    true,
  ]);
});

it("is not held up for ever by a start file that was never finished", async () => {
  const { dir, before, after } = two();
  await before.begin("shop", 1000, never);
  writeFileSync(join(dir, "shop.started.x"), "");
  expect(await after.quiet("shop", 10_000, never)).toBe(true);
});
