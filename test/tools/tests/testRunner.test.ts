import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import type { CapturedEvent } from "../../../src/domain/event.ts";
import { digestOf } from "../../../src/domain/patch.ts";
import type { RegressionTest } from "../../../src/domain/reproduction.ts";
import type { Service } from "../../../src/domain/service.ts";
import { createWorkspaces } from "../../../src/tools/git/workspaces.ts";
import { createProcessRunner } from "../../../src/tools/sandbox/processRunner.ts";
import { createSandbox, type LocalSandbox } from "../../../src/tools/sandbox/sandbox.ts";
import { createQuickCheck } from "../../../src/tools/tests/quickCheck.ts";
import { detectTestCommand, isTestPath } from "../../../src/tools/tests/testCommand.ts";
import { createTestRunner } from "../../../src/tools/tests/testRunner.ts";
import { buildEvent } from "../../helpers/eventBuilder.ts";
import { gitRepository, temporaryFolder } from "../../helpers/gitRepository.ts";
import { memoryBlobs } from "../../helpers/memoryBlobs.ts";
import { installPackages } from "../../helpers/packages.ts";
import { service } from "../../helpers/service.ts";

const CART = "exports.total = function total(cart) {\n  return cart.items.length;\n};\n";
const FIXED = CART.replace("cart.items.length", "cart.items?.length ?? 0");
const FILES = {
  "src/cart.js": CART,
  "test/cart.test.js": `const { test } = require("node:test");\nconst assert = require("node:assert");\ntest("total", () => assert.equal(require("../src/cart.js").total({ items: [1] }), 1));\n`,
  "package.json": JSON.stringify({ scripts: { test: "node test/cart.test.js" } }),
};
const TRIGGER = `
const event = JSON.parse(require("node:fs").readFileSync(process.env.SELFHEAL_EVENT, "utf8"));
require("./src/cart.js").total(JSON.parse(event.extra.cart));
`;
const event: CapturedEvent = buildEvent({
  exception: {
    type: "TypeError",
    value: "Cannot read properties of undefined (reading 'length')",
    frames: [{ file: "/srv/shop/src/cart.js", function: "total", line: 2, inApp: true }],
  },
  extra: { cart: "{}" },
});

let sandbox: LocalSandbox;
beforeAll(async () => {
  sandbox = await createSandbox({ processes: createProcessRunner() });
});

const setUp = async (more: Partial<Service> = {}, files: Record<string, string> = FILES) => {
  const repo = gitRepository(files);
  repo.put({ "trigger.js": TRIGGER });
  const shop = service(repo.dir, {
    testCommand: "node test/cart.test.js",
    reproduceCommand: "node trigger.js",
    testTimeoutMs: 20_000,
    ...more,
  });
  const workspaces = createWorkspaces({ dataDir: temporaryFolder("data"), clock: { now: () => 0 } });
  const workspace = await workspaces.open(shop, "ticket-1", await workspaces.head(shop));
  const ran: string[] = [];
  const counting: LocalSandbox = {
    ...sandbox,
    run: (on, spec) => {
      ran.push(spec.command);
      return sandbox.run(on, spec);
    },
  };
  const blobs = memoryBlobs();
  const runner = createTestRunner({ sandbox: counting, blobs });
  const diffOf = async (changes: Record<string, string>) => {
    for (const [path, content] of Object.entries(changes)) await workspace.write(path, content);
    return workspace.diff();
  };
  const gather = (diff: string) => runner.gather({ workspace, event, diff, patchDigest: digestOf(diff) });
  return { repo, workspace, workspaces, runner, ran, blobs, diffOf, gather };
};

const ownTest = (body: string): RegressionTest => ({
  kind: "call",
  origin: "constructed",
  path: "test/cart.without-items.test.js",
  title: "total copes without items",
  command: "node --test test/cart.without-items.test.js",
  content: `const { test } = require("node:test");\nconst { total } = require("../src/cart.js");\n${body}\n`,
  recipe: null,
});

describe("a regression test of selfheal's own", () => {
  const observed = async (body: string, source = FIXED) => {
    const { runner, workspace, diffOf } = await setUp({ reproduceCommand: undefined } as object);
    const own = ownTest(body);
    const diff = await diffOf({ "src/cart.js": source, [own.path]: own.content });
    return { own, workspace, evidence: await runner.gather({ workspace, event, diff, patchDigest: "", own }) };
  };

  it("is evidence like the service's command: red on the base without the patch around it, green on the patch", async () => {
    const { evidence, workspace, own } = await observed('test("total copes without items", () => total({}));');
    expect(evidence).toMatchObject({
      grade: "E2",
      reproduction: { kind: "call", origin: "constructed" },
      shortfalls: ["constructedInput"],
      touchesExistingTests: false,
      reproductionBase: { end: { kind: "exit", code: 1 }, command: own.command },
    });
    expect(await workspace.read("src/cart.js")).toBe(FIXED);
  });

  it("counts for nothing when it fails while its file is loaded", async () => {
    const { evidence } = await observed("total({});\ntest('never begins', () => {});");
    expect(evidence).toMatchObject({ grade: "E1", shortfalls: ["reproducesOtherFailure"] });
  });

  it("counts for nothing when it fails for another reason, and nothing of it is left in the tree or in a diff", async () => {
    const { runner, workspace } = await setUp({ reproduceCommand: undefined } as object);
    const own = ownTest('test("total copes without items", () => { throw new TypeError("no"); });');
    expect((await runner.reproduceOnBase(workspace, event, { own }))?.reproduced).toBe("otherFailure");
    expect(await workspace.diff()).toBe("");
    expect(existsSync(join(workspace.dir, own.path))).toBe(false);
  });
});

describe("a diff that touches what judges it", () => {
  const JUDGES = {
    "check.js": `exports.run = (cart) => {\n  require("./src/cart.js").total(cart);\n};\n`,
    "trigger.js": 'const { run } = require("./check.js");\nrun(require("./input/cart.json"));\n',
    "input/cart.json": "{}",
    "vitest.config.ts": "export default {};\n",
    "conftest.py": "",
    "test/fixtures/cart.json": "{}",
  };
  const SILENT = { "check.js": "exports.run = () => {};\n", "trigger.js": "", "input/cart.json": '{"items":[]}' };
  const set = async () => {
    const found = await setUp({}, { ...FILES, ...JUDGES });
    found.repo.put({ "trigger.js": JUDGES["trigger.js"] });
    const workspace = await found.workspaces.open(
      found.workspace.service,
      "ticket-2",
      await found.workspaces.head(found.workspace.service),
    );
    const gather = async (changes: Record<string, string>) => {
      await workspace.reset();
      for (const [path, content] of Object.entries(changes)) await workspace.write(path, content);
      const diff = await workspace.diff();
      return found.runner.gather({ workspace, event, diff, patchDigest: digestOf(diff) });
    };
    return { ...found, workspace, gather };
  };

  it("is judged without it: silencing the reproduction heals nothing", async () => {
    const { gather, workspace, runner } = await set();
    for (const [path, content] of Object.entries(SILENT)) {
      const evidence = await gather({ [path]: content });
      expect(evidence).toMatchObject({ grade: "E0", judgeTouched: [path] });
      expect(evidence.shortfalls).toEqual(["reproductionFails", "judgeTouched"]);
    }
    const removed = (path: string, text: string) =>
      `diff --git a/${path} b/${path}\ndeleted file mode 100644\n--- a/${path}\n+++ /dev/null\n@@ -1,${text.split("\n").length - 1} +0,0 @@\n${text.trimEnd().replace(/^/gm, "-")}\n`;
    const moved =
      "diff --git a/check.js b/src/gone.js\nsimilarity index 100%\nrename from check.js\nrename to src/gone.js\n";
    const hidden = removed("check.js", JUDGES["check.js"]).replace(
      "a/check.js b/check.js",
      '"a/\\143heck.js" "b/\\143heck.js"',
    );
    for (const diff of [removed("check.js", JUDGES["check.js"]), moved, hidden]) {
      const evidence = await runner.gather({ workspace, event, diff, patchDigest: digestOf(diff) });
      expect(evidence.judgeTouched).toEqual(expect.arrayContaining(["check.js"]));
      expect(evidence).toMatchObject({ grade: "E0", reproductionPatch: { end: { kind: "exit", code: 1 } } });
    }
  });

  it("is no E2 even if it heals", async () => {
    const { gather, workspace } = await set();
    const more = {
      "package.json": JSON.stringify({ scripts: { test: "true" } }),
      "vitest.config.ts": "export default { test: { include: [] } };\n",
      "conftest.py": "collect_ignore_glob = ['*']\n",
      "test/fixtures/cart.json": "[]",
      "test/hook.test.js": 'require("node:assert").equal = () => {};\n',
    };
    const evidence = await gather({ "src/cart.js": FIXED, ...more });
    expect(evidence).toMatchObject({ grade: "E1", judgeTouched: Object.keys(more).sort() });
    expect(await workspace.diff()).toBe(await diffOfOnly(workspace, { "src/cart.js": FIXED }));
  });

  const diffOfOnly = async (
    workspace: { reset(): Promise<void>; write(path: string, text: string): Promise<void>; diff(): Promise<string> },
    changes: Record<string, string>,
  ) => {
    await workspace.reset();
    for (const [path, content] of Object.entries(changes)) await workspace.write(path, content);
    return workspace.diff();
  };

  it("is not spared by code that overwrites a test while it is built or reproduced", async () => {
    const writes = `require("node:fs").writeFileSync(require("node:path").join(__dirname, "../test/cart.test.js"), "");\n`;
    const { gather, diffOf } = await setUp();
    const breaks = FIXED.replace("?? 0", "?? 0) + (1").replace("return ", "return (").replace(";\n}", ");\n}");
    expect(await gather(await diffOf({ "src/cart.js": writes + breaks }))).toMatchObject({
      shortfalls: ["suiteFails"],
    });
  });
});

describe("gathering evidence", () => {
  it("grades a fix E2, keeps outputs, and remembers the base", async () => {
    const { gather, diffOf, ran, blobs, workspace } = await setUp();
    const diff = await diffOf({ "src/cart.js": FIXED });
    const evidence = await gather(diff);
    expect(evidence).toMatchObject({
      grade: "E2",
      shortfalls: [],
      infrastructure: null,
      sandbox: sandbox.grade,
      baseCommit: workspace.baseCommit,
      patchDigest: digestOf(diff),
      reproductionBase: { on: "base", end: { kind: "exit", code: 1 } },
      reproductionPatch: { on: "patch", end: { kind: "exit", code: 0 } },
      notChecked: ["build", "typeCheck", "lint"],
      changedLinesCovered: { covered: 1, total: 1 },
      suiteTests: { format: "tap", base: { passed: 1, failed: 0 }, patch: { passed: 1, failed: 0 } },
    });
    expect(await blobs.get(evidence.reproductionBase?.output ?? "")).toContain("Cannot read properties of undefined");
    expect(await workspace.diff()).toBe(diff);
    const before = ran.length;
    expect((await gather(diff)).grade).toBe("E2");
    expect(ran.length - before).toBe(2);
  });

  it.each<[string, Partial<Service>, Record<string, string>, object]>([
    [
      "no reproduction",
      { reproduceCommand: undefined } as object,
      { "src/cart.js": FIXED },
      { grade: "E1", shortfalls: ["noReproduction"] },
    ],
    [
      "a patch that heals nothing",
      {},
      { "src/cart.js": `// looked at\n${CART}` },
      {
        grade: "E0",
        shortfalls: ["reproductionFails"],
        notChecked: ["build", "suite", "typeCheck", "lint", "coverage"],
      },
    ],
    [
      "a patch that breaks the suite",
      {},
      {
        "src/cart.js": FIXED.replace("?? 0", "?? 0) + (0").replace("return ", "return 5 * (").replace(";\n}", ");\n}"),
      },
      { grade: "E0", shortfalls: ["suiteFails"] },
    ],
    [
      "a patch that does not build",
      { buildCommand: "node --check src/cart.js" },
      { "src/cart.js": "exports.total = (" },
      { grade: "none", shortfalls: ["buildFailed"] },
    ],
    [
      "a patch to an existing test",
      {},
      { "src/cart.js": FIXED, "test/cart.test.js": `${FILES["test/cart.test.js"]}\n` },
      { grade: "E1", shortfalls: ["touchesExistingTests", "judgeTouched"], touchesExistingTests: true },
    ],
    [
      "a new test",
      {},
      { "src/cart.js": FIXED, "test/new.test.js": "" },
      { grade: "E2", judgeTouched: ["test/new.test.js"] },
    ],
    [
      "a reproduction that passes on the base",
      { reproduceCommand: "true" },
      { "src/cart.js": FIXED },
      { grade: "E1", shortfalls: ["notReproducedOnBase"] },
    ],
    [
      "a reproduction of something else",
      { reproduceCommand: "node -e 'throw new Error(1)'" },
      { "src/cart.js": FIXED },
      { grade: "E1", shortfalls: ["reproducesOtherFailure"] },
    ],
    [
      "a suite red on the base",
      { testCommand: "false" },
      { "src/cart.js": FIXED },
      { grade: "E0", shortfalls: ["suiteRedOnBase"] },
    ],
    [
      "a suite that hangs",
      { testCommand: "sleep 60", testTimeoutMs: 500 },
      { "src/cart.js": FIXED },
      { grade: "E0", infrastructure: expect.stringContaining("suite on the base: it did not end within 500 ms") },
    ],
    [
      "a missing tool",
      { testCommand: "no-such-tool" },
      { "src/cart.js": FIXED },
      { grade: "E0", infrastructure: expect.stringContaining("a tool is missing") },
    ],
  ])("with %s", async (_name, more, changes, expected) => {
    const { gather, diffOf } = await setUp(more);
    expect(await gather(await diffOf(changes))).toMatchObject(expected);
  });

  it("finds the suite by itself, and takes one that is red on the base for none", async () => {
    const found = await setUp({ testCommand: undefined } as object);
    expect(await found.gather(await found.diffOf({ "src/cart.js": FIXED }))).toMatchObject({
      grade: "E2",
      suitePatch: { command: "npm test", end: { kind: "exit", code: 0 } },
    });
    const red = await setUp({ testCommand: undefined } as object, {
      ...FILES,
      "package.json": JSON.stringify({ scripts: { test: "no-such-runner" } }),
    });
    expect(await red.gather(await red.diffOf({ "src/cart.js": FIXED }))).toMatchObject({
      grade: "E2",
      shortfalls: ["suiteUnusable"],
      infrastructure: null,
    });
    const none = await setUp({ testCommand: undefined } as object, { "src/cart.js": CART });
    expect(await none.gather(await none.diffOf({ "src/cart.js": FIXED }))).toMatchObject({
      grade: "E2",
      shortfalls: ["noSuite"],
    });
  });

  it("tells a flake from a break", async () => {
    const failing = (times: number) =>
      `echo suite; node -e 'const fs=require("fs");if(!fs.readFileSync("src/cart.js","utf8").includes("?"))process.exit(0);let n=0;try{n=+fs.readFileSync("n","utf8")}catch{};fs.writeFileSync("n",String(n+1));process.exit(${times}.includes(n)?1:0)'`.replace(
        `${times}.includes`,
        `${JSON.stringify(times === 1 ? [0] : [0, 2])}.includes`,
      );
    const flaky = await setUp({ testCommand: failing(1) });
    expect(await flaky.gather(await flaky.diffOf({ "src/cart.js": FIXED }))).toMatchObject({
      grade: "E2",
      shortfalls: ["flakySuite"],
    });
    const unstable = await setUp({ testCommand: failing(2) });
    expect(await unstable.gather(await unstable.diffOf({ "src/cart.js": FIXED }))).toMatchObject({
      grade: "E0",
      shortfalls: ["suiteFails", "flakySuite"],
    });
  });

  it("says so when the diff does not apply", async () => {
    const { gather } = await setUp();
    const diff =
      "diff --git a/src/cart.js b/src/cart.js\n--- a/src/cart.js\n+++ b/src/cart.js\n@@ -1 +1 @@\n-nothing\n+something\n";
    expect(await gather(diff)).toMatchObject({ grade: "none", shortfalls: ["doesNotApply"] });
  });

  it("stops when it is told to", async () => {
    const { runner, workspace } = await setUp();
    const signal = AbortSignal.abort(new Error("stop"));
    await expect(runner.gather({ workspace, event, diff: "", patchDigest: "", signal })).rejects.toThrow("stop");
  });

  it("runs the setup command once a workspace, and puts back what it made", async () => {
    const setupCommand = `mkdir -p node_modules/dep gen && echo "module.exports = 1" > node_modules/dep/index.js && echo made > gen/out && date +%N > gen/when`;
    const reproduceCommand = "node -e 'require(\"dep\")' && cat gen/out && echo spoilt > gen/out && node trigger.js";
    const { gather, diffOf, ran, workspace } = await setUp({ setupCommand, reproduceCommand });
    const evidence = await gather(await diffOf({ "src/cart.js": FIXED }));
    expect(evidence).toMatchObject({ grade: "E2", reproductionPatch: { tail: "made" } });
    await gather(await workspace.diff());
    expect(ran.filter((command) => command === setupCommand)).toHaveLength(1);
    const broken = await setUp({ setupCommand: "echo no network >&2; exit 1" });
    expect(await broken.gather(await broken.diffOf({ "src/cart.js": FIXED }))).toMatchObject({
      grade: "none",
      infrastructure: "the setup command failed: no network",
    });
  });

  it("is not fooled by test code that tampers with the tree", async () => {
    const testCommand = `node test/cart.test.js && echo 'evil' > src/cart.js && echo x > planted.js && (ln -s /etc/shadow link || true)`;
    const { gather, diffOf, workspace, workspaces, repo } = await setUp({ testCommand });
    const diff = await diffOf({ "src/cart.js": FIXED });
    expect((await gather(diff)).grade).toBe("E2");
    expect(await workspace.diff()).toBe(diff);
    expect(await workspace.read("src/cart.js")).toBe(FIXED);
    const commit = await workspace.commit("Fix");
    await workspaces.publish(workspace, commit, "auto-fix/ticket-1");
    expect(repo.git("diff", "--name-only", "main", "auto-fix/ticket-1")).toBe("src/cart.js\n");
    expect(existsSync(join(repo.dir, "planted.js"))).toBe(false);
  });
});

describe("quick check", () => {
  it("shows reproduction and suite on the workspace as it is", async () => {
    const { runner, workspace, diffOf } = await setUp();
    const check = createQuickCheck(runner)(workspace, event);
    expect(await check({ suite: false })).toMatchObject({ reproductionPassed: false, suitePassed: null });
    const diff = await diffOf({ "src/cart.js": FIXED });
    writeFileSync(join(workspace.dir, "src/cart.js"), "left over by a command");
    expect(await check({ suite: false })).toMatchObject({ reproductionPassed: true, suitePassed: null });
    expect(await check({ suite: true })).toMatchObject({ reproductionPassed: true, suitePassed: true });
    expect(await workspace.diff()).toBe(diff);
    await diffOf({ "src/cart.js": "exports.total = () => 0;\n" });
    expect(await check({ suite: true })).toMatchObject({
      reproductionPassed: true,
      suitePassed: false,
      summary: expect.stringContaining("the suite fails"),
    });
  });

  it("knows nothing without commands", async () => {
    const { runner, workspace } = await setUp({ testCommand: undefined, reproduceCommand: undefined } as object, {
      "src/cart.js": CART,
    });
    expect(await createQuickCheck(runner)(workspace, event)({ suite: true })).toEqual({
      reproductionPassed: null,
      suitePassed: null,
      summary: "nothing to run",
    });
  });
});

describe("test commands", () => {
  it.each<[Record<string, string>, string | null]>([
    [{ "package.json": `{"scripts":{"test":"vitest run"}}` }, "npm test"],
    [{ "package.json": `{"scripts":{"test":"echo \\"Error: no test specified\\" && exit 1"}}` }, null],
    [{ "package.json": "not json" }, null],
    [{ "mix.exs": "" }, "mix test"],
    [{ "pytest.ini": "" }, "python3 -m pytest -q"],
    [{ "go.mod": "" }, "go test ./..."],
    [{ "a.txt": "" }, null],
  ])("for %j", async (files, command) => {
    const { workspace } = await setUp({}, files);
    expect(await detectTestCommand(workspace)).toBe(command);
  });

  it.each([
    ["test/a.js", true],
    ["src/a.test.ts", true],
    ["lib/a_test.exs", true],
    ["test_a.py", true],
    ["vitest.config.ts", true],
    ["src/contest.js", false],
    ["src/latest/a.js", false],
  ])("%s is a test: %s", (path, expected) => {
    expect(isTestPath(path)).toBe(expected);
  });

  it("installs nothing of the original into the tree but links", async () => {
    const { repo, runner, workspace } = await setUp();
    installPackages(repo.dir, { dep: "" });
    expect(await runner.prepare(workspace)).toBeNull();
    expect(existsSync(join(workspace.dir, "node_modules/dep/package.json"))).toBe(true);
    expect(await workspace.diff()).toBe("");
  });
});
