import { describe, expect, it } from "vitest";
import { callTests, pinned } from "../../../src/repair/reproduction/callTests.ts";
import type { Call } from "../../../src/repair/reproduction/probe/plan.ts";

const CART = 'export function total(cart) {\n  return cart.items.length;\n}\n\nexport const UNIT = "pieces";\n';
const exception = { type: "TypeError", value: "Cannot read properties of undefined (reading 'length')" };

interface Setup {
  files: Record<string, string>;
  file?: string;
  call?: Partial<Call>;
  expected?: string;
}

/** The first test for a crash of `total({})`, and what it says once 0 is what the repaired code returns. */
async function testFor({ files, file = "src/cart.js", call = {}, expected = "0" }: Setup) {
  const all: Record<string, string> = { [file]: CART, ...files };
  const tree = { files: async () => Object.keys(all), read: async (path: string) => all[path] ?? "" };
  const module = file.endsWith(".cjs") || call.module === "cjs" ? "cjs" : "esm";
  const whole: Call = {
    file,
    module,
    steps: [{ get: "total" }, { call: 1 }],
    roots: [{ k: "obj", props: {} }],
    isAsync: false,
    ...call,
  };
  const place = { file, line: 2, column: 21, function: "total" };
  const [test] = await callTests({ exception, place, call: whole, origin: "constructed", root: "" }, tree);
  if (test === undefined) throw new Error("no test");
  return { ...test, pinned: pinned(test, expected)?.content ?? "" };
}

const manifest = (more: object) => JSON.stringify({ type: "module", ...more });
const TITLE = "total does not throw when cart.items is undefined";

describe("a regression test, in the project's own way", () => {
  it.each<[string, Setup, string, string, string]>([
    [
      "vitest, TypeScript, beside the source, single quotes, no semicolons",
      {
        file: "src/cart.ts",
        files: {
          "package.json": manifest({ scripts: { test: "vitest run" } }),
          "src/money.test.ts":
            "import { expect, it } from 'vitest'\nimport { money } from './money'\n\nit('adds', () => {\n  expect(money()).toBe(1)\n})\n",
        },
      },
      "src/cart.cart-items-undefined.test.ts",
      "npx --no-install vitest run src/cart.cart-items-undefined.test.ts",
      `import { expect, it } from 'vitest'\nimport { total } from './cart'\n\nit('${TITLE}', () => {\n  // It threw a TypeError.\n  expect(total({} as never)).toBe(0)\n})\n`,
    ],
    [
      "jest, CommonJS, __tests__",
      {
        call: { module: "cjs" },
        files: {
          "package.json": JSON.stringify({ scripts: { test: "jest" }, devDependencies: { jest: "29" } }),
          "src/__tests__/money.test.js":
            'const { money } = require("../money");\n\ntest("adds", () => {\n  expect(money()).toBe(1);\n});\n',
        },
      },
      "src/__tests__/cart.cart-items-undefined.test.js",
      "npx --no-install jest --ci --runTestsByPath src/__tests__/cart.cart-items-undefined.test.js",
      `const { total } = require("../cart");\n\ntest("${TITLE}", () => {\n  // It threw a TypeError.\n  expect(total({})).toBe(0);\n});\n`,
    ],
    [
      "mocha with chai, a plain name in test/, a hook",
      {
        call: { module: "cjs" },
        files: {
          "package.json": JSON.stringify({ scripts: { test: "mocha -r ./test/setup.js test/**/*.js" } }),
          "test/money.js":
            "'use strict';\n\nconst { expect } = require('chai');\nconst { money } = require('../src/money.js');\n\ndescribe('money', function () {\n  it('adds', function () {\n    expect(money()).to.equal(1);\n  });\n});\n",
        },
        expected: '{"n":1}',
      },
      "test/cart.cart-items-undefined.js",
      "npx --no-install mocha -r ./test/setup.js test/cart.cart-items-undefined.js",
      `const { expect } = require('chai');\nconst { total } = require('../src/cart.js');\n\nit('${TITLE}', () => {\n  // It threw a TypeError.\n  expect(total({})).to.deep.equal({ n: 1 });\n});\n`,
    ],
    [
      "ava",
      {
        files: {
          "package.json": manifest({ scripts: { test: "xo && ava" } }),
          "test/money.js":
            "import test from 'ava';\nimport {money} from '../src/money.js';\n\ntest('adds', t => {\n\tt.is(money(), 1);\n});\n",
        },
      },
      "test/cart.cart-items-undefined.js",
      "npx --no-install ava test/cart.cart-items-undefined.js",
      `import test from 'ava';\nimport { total } from '../src/cart.js';\n\ntest('${TITLE}', (t) => {\n\t// It threw a TypeError.\n\tt.is(total({}), 0);\n});\n`,
    ],
    [
      "tap",
      {
        call: { module: "cjs" },
        files: {
          "package.json": JSON.stringify({ scripts: { unit: "tap" } }),
          "test/money.test.js":
            "'use strict'\n\nconst t = require('tap')\nconst money = require('../src/money')\n\nt.test('adds', async t => {\n  t.equal(money(), 1)\n})\n",
        },
      },
      "test/cart.cart-items-undefined.test.js",
      "node test/cart.cart-items-undefined.test.js",
      `const t = require('tap')\nconst { total } = require('../src/cart')\n\nt.test('${TITLE}', async (t) => {\n  // It threw a TypeError.\n  t.equal(total({}), 0)\n})\n`,
    ],
    [
      "node:test, where no test is there to look at",
      { files: { "package.json": manifest({}) } },
      "test/cart.cart-items-undefined.test.js",
      "node --test test/cart.cart-items-undefined.test.js",
      `import assert from "node:assert/strict";\nimport { test } from "node:test";\nimport { total } from "../src/cart.js";\n\ntest("${TITLE}", () => {\n  // It threw a TypeError.\n  assert.equal(total({}), 0);\n});\n`,
    ],
  ])("%s", async (_name, setup, path, command, text) => {
    const test = await testFor(setup);
    expect({ path: test.path, command: test.command, title: test.title }).toEqual({ path, command, title: TITLE });
    expect(test.pinned).toBe(text);
    expect(test.content).not.toContain("0)");
  });

  it.each<[string, Partial<Call>, string]>([
    ["a default export", { steps: [{ get: "default" }, { call: 1 }] }, "cart({});"],
    [
      "a method of an instance",
      {
        steps: [{ get: "Cart" }, { new: 1 }, { get: "total" }, { call: 1 }],
        roots: [{ k: "lit", v: 1 }, { k: "undef" }],
      },
      "new Cart(1).total();",
    ],
    [
      "what an exported function makes",
      {
        steps: [{ get: "routes" }, { call: 1 }, { get: "0" }, { get: "a-b" }, { call: 1 }],
        roots: [
          { k: "obj", props: { report: { k: "fn", returns: { k: "undef" } } } },
          { k: "obj", props: { k: { k: "lit", v: null } } },
        ],
      },
      'routes({ report() {} })[0]["a-b"]({ k: null });',
    ],
    ["a promise", { isAsync: true }, "await total({});"],
  ])("calls %s", async (_name, call, line) => {
    expect((await testFor({ files: { "package.json": manifest({}) }, call })).content).toContain(`  ${line}\n`);
  });
});
