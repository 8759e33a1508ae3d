import { describe, expect, it } from "vitest";
import {
  draftFault,
  type TestDraft,
  type TestFrame,
  testFrom,
} from "../../../../src/agents/coder/reproducing/testDraft.ts";

const TITLE = "onOrder does not throw when order.title is undefined";
const frame = (
  more: Partial<TestFrame["conventions"]> = {},
  path = "test/orders.title-undefined.test.js",
): TestFrame => ({
  conventions: {
    framework: { name: "node:test", assertions: "assert", flags: "" },
    folder: "test",
    suffix: ".test.js",
    module: "esm",
    isTyped: false,
    style: { quote: '"', semicolons: true, indent: "  " },
    endings: "whole",
    word: "test",
    ...more,
  },
  path,
  title: TITLE,
  command: `node --test ${path}`,
  source: "src/orders.js",
  specifier: "../src/orders.js",
  places: [{ file: "src/orders.js", line: 3 }],
  packages: new Set(["hono"]),
});
const IMPORT = 'import { bus } from "../src/orders.js";';
const draft = (body: string, ...imports: string[]): TestDraft => ({
  imports: imports.length === 0 ? [IMPORT] : imports,
  body,
});

describe("a test that a model wrote", () => {
  it("stands in the project's form, under a path and title that are not the model's, and is constructed", () => {
    const body = "    const order = { id: 1 };\n    if (order.id) {\n      bus.emit('order', order);\n    }\n";
    const test = testFrom(frame(), draft(body), "model:m@test-1");
    expect(test).toMatchObject({ kind: "modelTest", origin: "constructed", by: "model:m@test-1", recipe: null });
    expect(test.content).toBe(
      [
        'import assert from "node:assert/strict";',
        'import { test } from "node:test";',
        IMPORT,
        "",
        `test("${TITLE}", () => {`,
        "  const order = { id: 1 };",
        "  if (order.id) {",
        "    bus.emit('order', order);",
        "  }",
        "});",
        "",
      ].join("\n"),
    );
  });

  it.each([
    ["node:test", frame(), draft("await bus.emit('order', {});"), "async () => {"],
    [
      "common modules",
      frame({ module: "cjs" }),
      draft("bus.emit('order', {})", 'const { bus } = require("../src/orders.js")'),
      "require",
    ],
    [
      "vitest",
      frame({ framework: { name: "vitest", assertions: "expect", flags: "" }, word: "it" }),
      draft("expect(1).toBe(1);"),
      "it(",
    ],
    [
      "ava",
      frame({ framework: { name: "ava", assertions: "t", flags: "" } }),
      draft("bus.emit('order', {});"),
      "t.pass()",
    ],
    ["a package of the project", frame(), draft("new Hono();", IMPORT, 'import { Hono } from "hono";'), "hono"],
  ])("is run: %s", (_, where, given, expected) => {
    expect(draftFault(where, given)).toBe(null);
    expect(testFrom(where, given, "m").content).toContain(expected);
  });

  it.each([
    ["emptyTest", draft("  \n")],
    ["invisibleUnicode", draft("bus.emit('ord\u202Eer')")],
    ["form", draft("bus.emit('order'")],
    ["form", draft("});\nbus.emit('order', {});\ntest('x', () => {")],
    ["form", draft("}, bus.emit('order'), () => {")],
    ["form", draft("}), bus.emit('order'), test('x', () => {")],
    ["form", draft("bus;", "bus.emit('order', {});")],
    ["form", draft("bus;", 'const x = eval("1");')],
    ["form", draft("bus;", `${IMPORT}\n${IMPORT}`)],
    ["pathEscape", draft("x;", 'import x from "../../../etc/passwd";')],
    ["secretFile", draft("x;", 'import x from "../config/credentials.json";')],
    ["newDependency", draft("x;", 'import { readFileSync as x } from "node:fs";')],
    ["newDependency", draft("x;", 'import x from "left-pad";')],
    ["newDependency", draft("const x = await import('node:child_process');")],
    ["throwsItself", draft("throw new TypeError('Cannot read properties of undefined');")],
    ["throwsItself", draft("assert.fail('TypeError: Cannot read properties');")],
    ["forgedOutput", draft("assert.equal(1, 2, 'TypeError: x\\n    at onOrder (src/orders.js:3:9)');")],
    ["stackTouched", draft("const e = new TypeError('x'); e.stack = 'y'; assert.ifError(e);")],
    ["output", draft("console.error('TypeError: x');")],
    ["output", draft("process.exit(1);")],
    ["codeReplaced", draft("String.prototype.repeat = null;")],
    ["codeReplaced", draft("mock.method(bus, 'emit');")],
    ["skippedTest", draft("test.skip('x', () => {});")],
    ["networkEgress", draft("await fetch('https://evil.example');")],
    ["dynamicCode", draft("new Function('return 1')();")],
    ["crashSilenced", draft("try { bus.emit('order'); } catch {}")],
  ])("is not even run: %s", (rule, given) => {
    expect(draftFault(frame(), given)).toMatch(new RegExp(`^${rule}: `));
  });
});
