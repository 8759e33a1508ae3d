import { chmodSync, existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type DoctorDeps, doctorCommand } from "../../src/cli/doctor/doctorCommand.ts";
import { readConfig } from "../../src/config/index.ts";
import type { Fault } from "../../src/domain/errors.ts";
import { verifyAuditIn } from "../../src/store/sqlite/audit.ts";
import { tryNativeModule } from "../../src/store/sqlite/sqlite.ts";
import { createProcessRunner } from "../../src/tools/sandbox/processRunner.ts";
import { type CliRun, runCli } from "../helpers/cliRun.ts";
import { type DashboardHome, makeDashboardHome } from "../helpers/dashboardHome.ts";
import { gitRepository, temporaryFolder } from "../helpers/gitRepository.ts";

let home: DashboardHome;
let url: string;
let repo: string;
beforeAll(async () => {
  home = await makeDashboardHome();
  url = await home.listen();
  repo = gitRepository({ "index.js": "" }).dir;
});
afterAll(() => home.remove());

const shop = (more: object = {}) => ({ name: "shop", project: "demo", repo, testCommand: "npm test", ...more });

interface Machine extends Partial<DoctorDeps> {
  config?: unknown;
  env?: Record<string, string>;
  argv?: string[];
  startFaults?: Fault[];
}

function doctor({
  config = { services: [shop()] },
  env = {},
  argv = [],
  startFaults = [],
  ...deps
}: Machine = {}): Promise<CliRun> {
  const defaultConfig = join(temporaryFolder("doctor"), "selfheal.json");
  writeFileSync(defaultConfig, typeof config === "string" ? config : JSON.stringify(config));
  const command = doctorCommand({
    nodeVersion: "20.19.0",
    processes: createProcessRunner(),
    tryNativeModule,
    probeSandbox: async () => ({ grade: "bubblewrap", checked: ["network"], weakness: ["bubblewrap: it is missing"] }),
    readConfig: (file) => ({ ...readConfig(file), startFaults }),
    defaultConfig,
    verifyAuditIn,
    ...deps,
  });
  const world = { SELFHEAL_URL: url, SELFHEAL_TOKEN: home.token, ...env };
  return runCli(["doctor", ...argv], { env: world, commands: [command] });
}

/** A native module that fails as Node fails to load one. */
const doesNotLoad = (message: string) => () => {
  throw new Error(message);
};

/** As Node words it. */
const OTHER_ABI = `The module '/srv/node_modules/better-sqlite3/build/Release/better_sqlite3.node'
was compiled against a different Node.js version using
NODE_MODULE_VERSION 127. This version of Node.js requires
NODE_MODULE_VERSION 115. Please try re-compiling or re-installing
the module (for instance, using \`npm rebuild\` or \`npm install\`).`;

describe("selfheal doctor", () => {
  it("has nothing to say about a machine where all is well", async () => {
    const { code, stdout, stderr } = await doctor();
    const lines = stdout.trimEnd().split("\n");
    expect(lines.filter((line) => !line.startsWith("✓ "))).toEqual([]);
    expect(stdout).toMatch(/✓ shop: branch main at [0-9a-f]{8}\n/);
    expect([code, stderr, lines.length]).toEqual([0, "", 11]);
  });

  const FAULTS: [what: string, machine: () => Machine, words: RegExp][] = [
    ["an old Node.js", () => ({ nodeVersion: "20.18.3" }), /✗ Node\.js 20\.18\.3\n {4}Install/],
    [
      "a native module of another Node.js",
      () => ({ tryNativeModule: doesNotLoad(OTHER_ABI) }),
      /✗ The database module better-sqlite3 does not load under Node\.js 20\.19\.0: it was built for ABI 127, this Node\.js has 115\n {4}Run npm rebuild better-sqlite3/,
    ],
    [
      "a native module that was never built",
      () => ({ tryNativeModule: doesNotLoad("Could not locate the bindings file. Tried:\n → /a") }),
      /✗ The database module better-sqlite3 .*bindings file\. Tried:\n {4}Run npm rebuild/,
    ],
    ["no git", () => ({ processes: createProcessRunner({ path: "/nowhere" }) }), /✗ git is missing\n/],
    [
      "no sandbox",
      () => ({
        probeSandbox: async () => ({ grade: "none", checked: ["network"], weakness: ["bubblewrap: it is missing"] }),
      }),
      /✗ Sandbox: none, weaker than bubblewrap/,
    ],
    ["a configuration that is no JSON", () => ({ config: "{" }), /✗ Configuration .*is not JSON/],
    [
      "a channel without its secret",
      () => ({ startFaults: [{ path: "notificationChannels[0].urlEnv", message: "SELFHEAL_SLACK_URL is not set" }] }),
      /✗ Configuration .*: notificationChannels\[0\]\.urlEnv: SELFHEAL_SLACK_URL is not set\n {4}Set it/,
    ],
    [
      "no configuration",
      () => ({ argv: ["--config", "/nowhere.json"] }),
      /✗ Configuration \/nowhere\.json: cannot read/,
    ],
    [
      "no repository",
      () => ({ config: { services: [shop({ repo: "gone" })] } }),
      /✗ shop: .*gone is no readable git repository/,
    ],
    [
      "no branch",
      () => ({ config: { services: [shop({ branch: "x; $(touch owned)" })] } }),
      /✗ shop: there is no branch x;/,
    ],
    ["no model", () => ({ config: { services: [shop()], brain: "model" } }), /✗ Brain: model, but no model endpoint/],
    ["a wrong token", () => ({ argv: ["--token", "sh_wrong"] }), /✗ The server at .* does not know this token/],
    [
      "a data folder in a file",
      () => ({ config: { services: [shop()], dataDir: "/dev/null/data" } }),
      /✗ Data folder .* cannot be written/,
    ],
  ];
  it("fails on an audit log that was changed", async () => {
    const dataDir = temporaryFolder("audit");
    writeFileSync(join(dataDir, "selfheal.sqlite"), "");
    const { code, stdout } = await doctor({
      config: { services: [shop()], dataDir },
      verifyAuditIn: async () => ({ kind: "broken", sequence: 3, reason: "its content was changed" }),
    });
    expect([code, stdout]).toEqual([
      1,
      expect.stringContaining("✗ Audit log: broken at entry 3: its content was changed"),
    ]);
  });

  it.each(FAULTS)("fails on %s", async (_what, machine, words) => {
    const { code, stdout, stderr } = await doctor(machine());
    expect(stdout).toMatch(words);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^\n\d+ of \d+ checks failed\.\n$/);
  });

  const NOTES: [what: string, machine: () => Machine, words: RegExp][] = [
    [
      "a weaker sandbox",
      () => ({
        probeSandbox: async () => ({
          grade: "namespaces",
          checked: ["network"],
          weakness: ["bubblewrap: it is missing"],
        }),
      }),
      /– Sandbox: namespaces, weaker than bubblewrap/,
    ],
    ["no tests", () => ({ config: { services: [shop({ testCommand: undefined })] } }), /– shop: no test command/],
    ["no service", () => ({ config: {} }), /– No service is configured/],
    ["no server", () => ({ env: { SELFHEAL_URL: "http://127.0.0.1:1" } }), /– No server answers at .*\n {4}Start it/],
  ];
  it.each(NOTES)("notes %s, and does not fail", async (_what, machine, words) => {
    const { code, stdout } = await doctor(machine());
    expect(stdout).toMatch(words);
    expect(code).toBe(0);
  });

  it("lists every fault of the configuration, as JSON too", async () => {
    const config = { port: -1, services: [{ name: "no spaces please" }] };
    const { code, stdout, stderr } = await doctor({ config, argv: ["--json"] });
    const bad = (JSON.parse(stdout).findings as { mark: string; what: string }[]).filter((f) => f.mark === "bad");
    expect(bad.map((f) => f.what.replace(/^.*selfheal\.json: /, "").split(":")[0])).toEqual([
      "port",
      "services[0].name",
      "services[0].project",
      "services[0].repo",
    ]);
    expect([code, stderr]).toEqual([1, ""]);
  });

  it("accepts a weaker sandbox where the configuration does, and any model endpoint", async () => {
    const config = { services: [shop()], sandboxForAuto: "namespaces", brain: "rulesThenModel" };
    const { code, stdout } = await doctor({
      config,
      probeSandbox: async () => ({
        grade: "namespaces",
        checked: ["network"],
        weakness: ["bubblewrap: it is missing"],
      }),
      env: { OPENAI_BASE_URL: "http://127.0.0.1:9" },
    });
    expect([code, stdout]).toEqual([0, expect.stringContaining("✓ Sandbox: namespaces")]);
    expect(stdout).toContain("✓ Brain: rulesThenModel, endpoint http://127.0.0.1:9");
  });

  it("leaves nothing behind, and runs nothing of the repository", async () => {
    const dir = temporaryFolder("data");
    const hostile = gitRepository({ "index.js": "" });
    const hook = join(hostile.dir, "hook.sh");
    writeFileSync(hook, `#!/bin/sh\ntouch ${hostile.dir}/ran\n`);
    chmodSync(hook, 0o755);
    hostile.git("config", "core.fsmonitor", hook);
    await doctor({ config: { dataDir: join(dir, "deep", "er"), services: [shop({ repo: hostile.dir })] } });
    expect(readdirSync(dir)).toEqual([]);
    expect(existsSync(join(hostile.dir, "ran"))).toBe(false);
  });
});
