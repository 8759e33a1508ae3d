import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { loadFactor } from "../../../src/cli/demo/loadFactor.ts";
import { createProcessRunner } from "../../../src/tools/sandbox/processRunner.ts";
import { temporaryFolder } from "../../helpers/gitRepository.ts";
import { eventually } from "../../helpers/patience.ts";

const cwd = temporaryFolder("process");
const run = (command: string, more: Partial<Parameters<ReturnType<typeof createProcessRunner>["run"]>[0]> = {}) =>
  createProcessRunner({ maxOutputBytes: 1000 }).run({ command, cwd, timeoutMs: 10_000, ...more });

const alive = (pid: number) => {
  try {
    process.kill(pid, 0);
    // A zombie still has its number; it is dead all the same.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
};

describe("process runner", () => {
  it("keeps exit, signal, timeout and unstartable apart", async () => {
    expect((await run("echo out; echo err >&2; exit 3")).end).toEqual({ kind: "exit", code: 3 });
    expect((await run("kill -9 $$")).end).toEqual({ kind: "signal", signal: "SIGKILL" });
    expect((await run("sleep 60", { timeoutMs: 50 })).end).toEqual({ kind: "timeout", afterMs: 50 });
    expect((await run("true", { cwd: join(cwd, "absent") })).end.kind).toBe("unstartable");
  });

  it("gives back both outputs", async () => {
    expect(await run("echo out; echo err >&2")).toMatchObject({ stdout: "out\n", stderr: "err\n" });
  });

  it("kills the whole group at the timeout, also what ignores SIGTERM", async () => {
    const { end } = await run(`trap "" TERM; sh -c 'trap "" TERM; echo $$ > pid; sleep 60' & wait; sleep 60`, {
      timeoutMs: 300,
    });
    expect(end.kind).toBe("timeout");
    const pid = Number(readFileSync(join(cwd, "pid"), "utf8"));
    await eventually(() => expect(alive(pid)).toBe(false));
  });

  it("ends a fork bomb", async () => {
    const { end } = await run("f() { sleep 61 & f2 & }; f2() { sleep 61; }; for i in 1 2 3 4 5; do f; done; wait", {
      timeoutMs: 200,
    });
    expect(end.kind).toBe("timeout");
  });

  it("ends the group on abort, and starts nothing once aborted", async () => {
    const controller = new AbortController();
    const running = run("touch started; sleep 60", { signal: controller.signal });
    await eventually(() => expect(existsSync(join(cwd, "started"))).toBe(true));
    controller.abort();
    expect((await running).end).toEqual({ kind: "signal", signal: "SIGTERM" });
    expect((await run("true", { signal: controller.signal })).end.kind).toBe("unstartable");
  });

  it("passes only the given environment, a PATH and a HOME of its own", async () => {
    process.env.SELFHEAL_TEST_SECRET = "secret";
    const { stdout } = await run("env; ls -A $HOME", { env: { GIVEN: "yes" } });
    delete process.env.SELFHEAL_TEST_SECRET;
    const names = stdout.split("\n").map((line) => line.split("=")[0]);
    expect(names.filter((name) => !["", "_", "PWD", "OLDPWD", "SHLVL"].includes(name ?? "")).sort()).toEqual([
      "GIVEN",
      "HOME",
      "LANG",
      "PATH",
    ]);
    expect(stdout).not.toContain(process.env.HOME === undefined ? "\0" : `HOME=${process.env.HOME}\n`);
  });

  it("keeps the head and the tail of a flood", async () => {
    const { stdout } = await run("echo first; seq 1 100000; echo last");
    expect(stdout.startsWith("first\n")).toBe(true);
    expect(stdout.endsWith("last\n")).toBe(true);
    expect(stdout).toMatch(/bytes left out/);
    expect(stdout.length).toBeLessThan(1200);
  });

  it("does not wait for a daemon, leaves it or kills it as told", async () => {
    const started = performance.now();
    const left = await run("setsid sleep 60 & echo $!");
    const killed = await run("sleep 60 & echo $!", { leftovers: "kill" });
    expect(performance.now() - started).toBeLessThan(8000 * loadFactor());
    expect(alive(Number(left.stdout))).toBe(true);
    process.kill(Number(left.stdout), "SIGKILL");
    await eventually(() => expect(alive(Number(killed.stdout))).toBe(false));
  });
});
