import { symlinkSync } from "node:fs";
import { join, resolve } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import type { CapturedEvent } from "../../../src/domain/event.ts";
import { digestOf } from "../../../src/domain/patch.ts";
import type { Service } from "../../../src/domain/service.ts";
import { createWorkspaces } from "../../../src/tools/git/workspaces.ts";
import { createProcessRunner } from "../../../src/tools/sandbox/processRunner.ts";
import { createSandbox, type LocalSandbox } from "../../../src/tools/sandbox/sandbox.ts";
import { createQuickCheck } from "../../../src/tools/tests/quickCheck.ts";
import { createTestRunner } from "../../../src/tools/tests/testRunner.ts";
import { buildEvent } from "../../helpers/eventBuilder.ts";
import { gitRepository, temporaryFolder } from "../../helpers/gitRepository.ts";
import { memoryBlobs } from "../../helpers/memoryBlobs.ts";
import { service } from "../../helpers/service.ts";

const CART = `exports.total = function total(cart) {
  return cart.items.length;
};
exports.label = (cart) => "cart " + cart.id;
`;
const FIXED = CART.replace("  return", "  if (cart.items === undefined) return 0;\n  return");
const TESTS = {
  "test/cart.test.js": `const { describe, it } = require("node:test");
const assert = require("node:assert");
const cart = require("../src/cart.js");
describe("cart", () => {
  it("counts", () => assert.equal(cart.total({ items: [1] }), 1));
  it("has a label", () => assert.equal(cart.label({ id: 7 }), "cart 7"));
});
`,
  "test/clock.test.js": `const { test } = require("node:test");
test("is in the year 2020", () => require("node:assert").equal(2021, 2020));
test("ticks", () => {});
`,
};
const FILES = {
  "src/cart.js": CART,
  ...TESTS,
  "package.json": JSON.stringify({ scripts: { test: "node --test test/*.test.js" } }),
};
const event: CapturedEvent = buildEvent({
  exception: {
    type: "TypeError",
    value: "Cannot read properties of undefined (reading 'length')",
    frames: [{ file: "/srv/shop/src/cart.js", function: "total", line: 2, inApp: true }],
  },
});

let sandbox: LocalSandbox;
beforeAll(async () => {
  sandbox = await createSandbox({ processes: createProcessRunner() });
});

const setUp = async (more: Partial<Service> = {}, files: Record<string, string> = FILES) => {
  const repo = gitRepository(files);
  repo.put({ "trigger.js": 'require("./src/cart.js").total({});' });
  const shop = service(repo.dir, { reproduceCommand: "node trigger.js", testTimeoutMs: 30_000, ...more });
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
  const runner = createTestRunner({ sandbox: counting, blobs: memoryBlobs() });
  const gather = async (changes: Record<string, string>) => {
    await workspace.reset();
    for (const [path, content] of Object.entries(changes)) await workspace.write(path, content);
    const diff = await workspace.diff();
    return runner.gather({ workspace, event, diff, patchDigest: digestOf(diff) });
  };
  return { repo, workspace, runner, ran, gather };
};

describe("a suite that is red on the base", () => {
  it("counts by the names of its tests, and what the patch breaks is run again alone", async () => {
    const { gather, ran } = await setUp();
    expect(await gather({ "src/cart.js": FIXED })).toMatchObject({
      grade: "E2",
      shortfalls: ["suiteRedOnBase"],
      notChecked: ["build", "typeCheck", "lint"],
      suiteBase: { command: "npm test", end: { kind: "exit", code: 1 } },
      suiteTests: {
        format: "tap",
        base: { passed: 3, failed: 1, skipped: 0 },
        patch: { passed: 3, failed: 1, skipped: 0 },
        broken: [],
        missing: [],
        stillFailing: ["is in the year 2020"],
      },
      changedLinesCovered: { covered: 1, total: 1 },
    });
    const before = ran.length;
    expect(await gather({ "src/cart.js": FIXED.replace('"cart "', '"cart:"') })).toMatchObject({
      grade: "E0",
      shortfalls: ["suiteRedOnBase", "suiteFails"],
      suiteTests: { broken: [{ name: "cart > has a label", message: "'cart:7' == 'cart 7'" }] },
    });
    const [, whole, alone, ...rest] = ran.slice(before);
    expect(whole).toContain("npm test");
    expect(alone).toMatch(/node --test 'test\/cart\.test\.js'$/);
    expect(rest).toEqual([]);
  });

  it("takes a test that is gone for one that broke", async () => {
    const has = 'if (cart.label !== undefined) it("has a label"';
    const test = TESTS["test/cart.test.js"].replace('it("has a label"', has);
    const { gather } = await setUp({}, { ...FILES, "test/cart.test.js": test });
    expect(await gather({ "src/cart.js": FIXED.replace("exports.label", "const label") })).toMatchObject({
      grade: "E0",
      shortfalls: ["suiteRedOnBase", "suiteFails", "testsMissing"],
      suiteTests: { missing: ["cart > has a label"] },
    });
  });
});

describe("a suite that executes no test", () => {
  const SKIPPED = 'const { test } = require("node:test");\ntest.skip("total", () => {});\n';
  const without = { "src/cart.js": CART, "test/README": "", "package.json": FILES["package.json"] };
  it.each<[string, string | undefined, Record<string, string>]>([
    ["every test is skipped", undefined, { ...without, "test/cart.test.js": SKIPPED }],
    ["a file without a test", undefined, { ...without, "test/cart.test.js": "// soon\n" }],
    ["an empty folder", "node --test test", without],
    ["a command that does nothing", "true", FILES],
  ])("says nothing, although it is green: %s", async (_, testCommand, files) => {
    const { gather } = await setUp(testCommand === undefined ? {} : { testCommand }, files);
    const evidence = await gather({ "src/cart.js": FIXED });
    expect(evidence).toMatchObject({ shortfalls: ["suiteUnusable"], suitePatch: null });
    expect(evidence.suiteBase?.end).toEqual({ kind: "exit", code: 0 });
    expect(evidence.notChecked).toContain("suite");
  });

  it("on the patch only, is a suite that broke", async () => {
    const { gather } = await setUp({}, { ...FILES, "test/clock.test.js": "" });
    const quits = `if (process.argv[1]?.endsWith(".test.js")) process.exit(0);\n${FIXED}`;
    expect(await gather({ "src/cart.js": quits })).toMatchObject({
      grade: "E0",
      shortfalls: ["suiteFails", "testsMissing"],
    });
  });

  it("is named where nothing tells how many tests there are", async () => {
    const { gather } = await setUp({ testCommand: "echo fine" });
    const evidence = await gather({ "src/cart.js": FIXED });
    expect(evidence).toMatchObject({ grade: "E2", shortfalls: [] });
    expect(evidence.notChecked).toEqual(expect.arrayContaining(["testsCounted", "testsByName"]));
  });
});

describe("quick check", () => {
  it("runs the tests near the change first, and the whole suite only when they pass", async () => {
    const { runner, workspace, ran } = await setUp();
    await runner.gather({ workspace, event, diff: "", patchDigest: "" });
    const check = createQuickCheck(runner)(workspace, event);
    await workspace.reset();
    await workspace.write("src/cart.js", FIXED.replace('"cart "', '"cart:"'));
    const before = ran.length;
    expect(await check({ suite: true })).toMatchObject({
      suitePassed: false,
      summary: expect.stringContaining("- cart > has a label"),
    });
    expect(ran.slice(before)).toEqual(["node trigger.js", expect.stringMatching(/'test\/cart\.test\.js'$/)]);
    await workspace.write("src/cart.js", FIXED);
    expect(await check({ suite: true })).toMatchObject({ suitePassed: true });
    expect(ran.at(-1)).toContain("npm test");
  });
});

const LINT = `const fs = require("node:fs");
const bad = fs.readFileSync("src/cart.js", "utf8").split("\\n").flatMap((line, i) => (/var |TODO/.test(line) ? [\`src/cart.js:\${i + 1}:1: error: \${line.trim()}\`] : []));
console.log(bad.join("\\n"));
process.exit(bad.length > 0 ? 1 : 0);
`;

describe("type check and linter", () => {
  it("counts only faults that the patch brings", async () => {
    const files = { ...FILES, "lint.js": LINT, "src/cart.js": `var old = 1;\n${CART}` };
    const fixed = `var old = 1;\n${FIXED}`;
    const { gather, ran } = await setUp({ lintCommand: "node lint.js", typeCheckCommand: "node lint.js ." }, files);
    expect(await gather({ "src/cart.js": `\n${fixed}` })).toMatchObject({
      grade: "E2",
      shortfalls: ["suiteRedOnBase"],
      notChecked: ["build"],
      typeCheck: { base: { command: "node lint.js ." }, newFaults: 0 },
      lint: { patch: { end: { kind: "exit", code: 1 } }, newFaults: 0 },
    });
    const before = ran.filter((command) => command.includes("lint.js")).length;
    expect(await gather({ "src/cart.js": fixed.replace("return 0;", "return 0; // TODO") })).toMatchObject({
      grade: "none",
      shortfalls: ["suiteRedOnBase", "newTypeFaults", "newLintFaults"],
      typeCheck: { newFaults: 1 },
      lint: { newFaults: 1 },
    });
    expect(ran.filter((command) => command.includes("lint.js")).length - before).toBe(2);
  });
});

describe("coverage of the changed lines", () => {
  const unreached = FIXED.replace("return 0;", "return 0;\n  if (cart.items.length > 99) {\n    cart.big = true;\n  }");

  it("sees what ran and what did not", async () => {
    const { gather } = await setUp();
    expect(await gather({ "src/cart.js": unreached })).toMatchObject({
      changedLinesCovered: { covered: 2, total: 3 },
    });
  });

  it("looks through source maps", async () => {
    const ts = {
      "src/cart.ts": `interface Cart { id: number; items: number[] }\n${CART.replaceAll("exports.", "export const ").replaceAll("(cart)", "(cart: Cart)")}`,
      "test/cart.test.ts": `import { test } from "node:test";\nimport { total } from "../src/cart.ts";\ntest("counts", () => { if (total({ id: 1, items: [1] }) !== 1) throw new Error(); });\n`,
      "package.json": JSON.stringify({ type: "module", scripts: { test: "node --import tsx --test test/*.test.ts" } }),
    };
    const { repo, gather } = await setUp({ reproduceCommand: undefined } as object, ts);
    symlinkSync(resolve("node_modules"), join(repo.dir, "node_modules"));
    const changed = ts["src/cart.ts"]
      .replace(
        "  return",
        "  if (cart.items === undefined) return 0;\n  if (cart.items.length > 99) {\n    cart.id += 1;\n  }\n  return",
      )
      .replace("interface Cart {", "interface Cart { big?: boolean;");
    expect(await gather({ "src/cart.ts": changed })).toMatchObject({
      grade: "E1",
      changedLinesCovered: { covered: 2, total: 3 },
    });
  });

  it("takes the suite's own lcov file where V8 tells nothing", async () => {
    const lcov = "SF:src/cart.js\\nDA:2,4\\nDA:3,0\\nend_of_record";
    const testCommand = `mkdir -p coverage && printf '${lcov}' > coverage/lcov.info && echo fine`;
    const { gather } = await setUp({ testCommand, reproduceCommand: undefined } as object);
    expect(await gather({ "src/cart.js": FIXED.replace("return 0;", "\n    return 0;") })).toMatchObject({
      grade: "E1",
      notChecked: ["build", "reproduction", "testsCounted", "testsByName", "typeCheck", "lint"],
      changedLinesCovered: { covered: 1, total: 2 },
    });
  });
});
