import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import type { SandboxGrade } from "../../../src/domain/evidence.ts";
import { createWorkspaces } from "../../../src/tools/git/workspaces.ts";
import { createProcessRunner } from "../../../src/tools/sandbox/processRunner.ts";
import { createSandbox, type LocalSandbox } from "../../../src/tools/sandbox/sandbox.ts";
import { gitRepository, temporaryFolder } from "../../helpers/gitRepository.ts";
import { installPackages } from "../../helpers/packages.ts";
import { eventually } from "../../helpers/patience.ts";
import { service } from "../../helpers/service.ts";

const processes = createProcessRunner();
const companion = join(temporaryFolder("companion", "/var/tmp"), "fixture.txt");
writeFileSync(companion, "a fixture\n");

const setUp = async () => {
  const repo = gitRepository({ "app/main.js": "console.log('main')\n", ".gitignore": "node_modules\n" });
  installPackages(repo.dir, {
    left: "module.exports = require('right') + 1",
    right: "module.exports = 41",
    "@a/b": "",
  });
  installPackages(join(repo.dir, "app"), { deep: "module.exports = require('left')" });
  symlinkSync("../app", join(repo.dir, "node_modules/own"));
  mkdirSync(join(repo.dir, "node_modules/.vite"));
  repo.put({ "trigger.mjs": "import('./app/main.js')\n", "data/fixture.json": "{}" });
  const shop = service(repo.dir, {
    companionFiles: ["data", companion],
    reproduceCommand: "node trigger.mjs",
  });
  const dataDir = temporaryFolder("data");
  const workspaces = createWorkspaces({ dataDir, clock: { now: () => 0 } });
  const workspace = await workspaces.open(shop, "ticket-1", await workspaces.head(shop));
  return { repo, workspace, dataDir };
};

const GRADES = ["bubblewrap", "namespaces", "none"] as const;

/** A machine without bubblewrap or user namespaces skips those grades; that the weaker one is named is tested anywhere. */
const found = new Map<SandboxGrade, LocalSandbox>();
for (const maximum of GRADES) {
  const sandbox = await createSandbox({ processes, maximum, limits: { processes: 200 } });
  if (sandbox.grade === maximum) found.set(maximum, sandbox);
}

/** A weaker grade promises less; what it does not promise is no test of it, and nothing that was skipped. */
function promised(isPromised: boolean, name: string, test: () => Promise<void>): void {
  if (isPromised) it(name, test);
}

for (const grade of GRADES) {
  if (!found.has(grade)) it.skip(`sandbox, at most ${grade}: this machine does not have it`, () => undefined);
}

it("names its grade, and why it is no stronger", async () => {
  const nothing = createProcessRunner({ path: "/nonexistent" });
  const weak = await createSandbox({ processes: nothing });
  expect(weak.grade).toBe("none");
  expect(weak.weakness.map((reason) => reason.split(":")[0])).toEqual(["bubblewrap", "bubblewrap", "namespaces"]);
});

describe.each([...found])("sandbox, at most %s", (maximum, sandbox) => {
  let ground: Awaited<ReturnType<typeof setUp>>;
  const confines = maximum !== "none";
  const run = (command: string, more: object = {}) =>
    sandbox.run(ground.workspace, { command, timeoutMs: 20_000, ...more });

  beforeAll(async () => {
    ground = await setUp();
  });

  it("keeps exit, signal, timeout and a broken sandbox apart", async () => {
    expect((await run("exit 3")).end).toEqual({ kind: "exit", code: 3 });
    expect((await run("kill -SEGV $$")).end).toEqual({ kind: "signal", signal: "SIGSEGV" });
    expect((await run("sleep 60", { timeoutMs: 300 })).end).toEqual({ kind: "timeout", afterMs: 300 });
  });

  it("runs at the path of the repository and shows the companions", async () => {
    const { stdout, stderr } = await run(
      `pwd; node ${ground.repo.dir}/trigger.mjs; cat data/fixture.json; cat ${companion}`,
    );
    const place = confines ? ground.repo.dir : ground.workspace.dir;
    expect(stderr).toBe("");
    expect(stdout).toBe(`${place}\nmain\n{}a fixture\n`);
    expect(await ground.workspace.diff()).toBe("");
  });

  it("makes packages available, their own and nested ones, and the repository's own packages from the tree", async () => {
    const script = `
      const fs = require("fs");
      console.log(require("left"), require(fs.realpathSync("app") + "/node_modules/deep"), fs.realpathSync("node_modules/own"));
      fs.mkdirSync("node_modules/.vite"); fs.writeFileSync("node_modules/.vite/cache", "x");
      try { fs.writeFileSync("node_modules/left/index.js", "evil"); console.log("written"); } catch (e) { console.log(e.code); }`;
    const { stdout, stderr } = await run(`node -e '${script}'`);
    const place = confines ? ground.repo.dir : ground.workspace.dir;
    expect(stderr).toBe("");
    expect(stdout.startsWith(`42 42 ${place}/app`)).toBe(true);
    if (confines) {
      expect(stdout).toContain("EROFS");
      expect(readFileSync(join(ground.repo.dir, "node_modules/left/index.js"), "utf8")).not.toBe("evil");
    }
    expect(readdirSync(join(ground.repo.dir, "node_modules/.vite"))).toEqual([]);
    expect(existsSync(join(ground.workspace.dir, "node_modules/.vite/cache"))).toBe(true);
  });

  it("hands over files by environment, and nothing of the host's environment", async () => {
    process.env.SELFHEAL_TEST_SECRET = "secret";
    const { stdout } = await run('cat "$SELFHEAL_EVENT"; env', {
      files: { SELFHEAL_EVENT: '{"id":1}\n' },
      env: { GIVEN: "yes" },
    });
    delete process.env.SELFHEAL_TEST_SECRET;
    expect(stdout.startsWith('{"id":1}\n')).toBe(true);
    const names = stdout
      .split("\n")
      .slice(1)
      .map((line) => line.split("=")[0] ?? "");
    const expected = ["CI", "GIVEN", "HOME", "LANG", "PATH", "SELFHEAL_EVENT", "TMPDIR"];
    expect(names.filter((n) => !["", "_", "PWD", "OLDPWD", "SHLVL"].includes(n)).sort()).toEqual(expected);
  });

  promised(confines, "stops a command that fills the disk, and says so", async () => {
    const small = await createSandbox({ processes, maximum, limits: { diskBytes: 20 * 1024 ** 2, diskFiles: 500 } });
    const { workspace } = await setUp();
    const bytes = "i=0; while [ $i -lt 200 ]; do head -c 1000000 /dev/zero > big.$i; i=$((i+1)); done; sleep 60";
    const many = "i=0; while [ $i -lt 5000 ]; do : > many.$i; i=$((i+1)); done; sleep 60";
    for (const command of [bytes, many]) {
      const { end, stderr } = await small.run(workspace, { command, timeoutMs: 120_000 });
      expect(end).toEqual({ kind: "signal", signal: "SIGXFSZ" });
      expect(stderr).toMatch(/wrote more than 20 MiB or 500 files/);
    }
  });

  it("ends a fork bomb with everything it started", async () => {
    const marker = `6${process.pid}${GRADES.indexOf(maximum)}`;
    const bomb = `b() { sleep ${marker} & sleep ${marker} & }; i=0; while [ $i -lt 40 ]; do b; i=$((i+1)); done; sleep ${marker}`;
    expect((await run(bomb, { timeoutMs: 400 })).end.kind).toBe("timeout");
    const left = () =>
      readdirSync("/proc").filter((pid) => {
        try {
          return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, "utf8") === `sleep\0${marker}\0`;
        } catch {
          return false;
        }
      });
    await eventually(() => expect(left()).toEqual([]));
  });

  it("takes down what a command leaves running", async () => {
    const marker = `7${process.pid}${GRADES.indexOf(maximum)}`;
    expect((await run(`sleep ${marker} & exit 0`)).end).toEqual({ kind: "exit", code: 0 });
    const running = await processes.run({ command: `pgrep -f '^sleep ${marker}' || true`, cwd: "/", timeoutMs: 5000 });
    expect(running.stdout).toBe("");
  });

  promised(confines, "has loopback and no other network", async () => {
    const script = `
      const net = require("net");
      const server = net.createServer((s) => s.end("hello")).listen(0, "localhost", () =>
        net.connect(server.address().port, "localhost").on("data", (d) => {
          console.log(String(d));
          for (const host of ["1.1.1.1", "169.254.169.254"])
            net.connect(80, host).on("error", (e) => console.log(e.code)).on("connect", () => console.log("connected"));
          server.close();
        }));`;
    expect((await run(`node -e '${script}'`)).stdout).toBe("hello\nENETUNREACH\nENETUNREACH\n");
  });

  promised(confines, "shows neither the host's files nor a way to write to them", async () => {
    const { stdout } = await run(
      `ls ${ground.dataDir}/repos ${process.cwd()} /root /home/*/.ssh 2>/dev/null; touch /usr/x /etc/x /x 2>/dev/null && echo written; cat /etc/shadow 2>/dev/null; echo end`,
    );
    expect(stdout).toBe("end\n");
  });

  promised(confines, "does not let a command touch .git", async () => {
    const { stdout } = await run(
      "(echo x > .git || rm -f .git || rm -rf .git || mv .git other) 2>/dev/null && echo changed; cat .git; echo end",
    );
    expect(stdout).toBe("end\n");
    expect(readFileSync(join(ground.workspace.dir, ".git"), "utf8")).toMatch(/^gitdir: /);
  });

  promised(maximum === "bubblewrap", "makes no further namespaces and has no capability", async () => {
    const { stdout } = await run("unshare -rn true 2>/dev/null && echo unshared; grep CapEff /proc/self/status; id -u");
    expect(stdout).toBe("CapEff:\t0000000000000000\n1000\n");
  });

  promised(confines, "tells a sandbox that cannot be set up from a failing command", async () => {
    const gone = { ...ground.workspace, dir: "/nonexistent" };
    const { end } = await sandbox.run(gone, { command: "exit 1", timeoutMs: 5000 });
    expect(end).toMatchObject({ kind: "unstartable" });
  });
});
