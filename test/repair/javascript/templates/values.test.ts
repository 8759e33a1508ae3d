import { describe, expect, it } from "vitest";
import { expectRepair, repairsOf } from "../../../helpers/repairs.ts";

const read = (member: string) => `Cannot read properties of undefined (reading '${member}')`;
const old = { "package.json": '{"engines": {"node": ">=4"}}' };

describe("defaults", () => {
  it.each([
    [
      "items.list is not iterable",
      "for (const x of items.¦list) {\n  go(x);\n}\n",
      "for (const x of items.list || []) {\n  go(x);\n}\n",
    ],
    [
      "Cannot convert undefined or null to object",
      "const k = Object.¦keys(a.b);\n",
      "const k = Object.keys(a.b || {});\n",
    ],
    [read("map"), "const k = a.b.¦map((x) => x.y);\n", "const k = (a.b || []).map((x) => x.y);\n"],
    [
      "Cannot destructure property 'x' of 'a.b' as it is undefined.",
      "const { ¦x } = a.b;\n",
      "const { x } = a.b || {};\n",
    ],
  ])("%s", async (message, code, after) => {
    await expectRepair({ message, code, more: old }, "defaultValue", after);
  });

  it("do not run into the line before where there are no semicolons", async () => {
    const code = "function f(a) {\n  const n = g\n  a.b.¦forEach(n)\n  const m = h\n}\n";
    await expectRepair(
      { message: read("forEach"), code, more: old },
      "defaultValue",
      code.replace("¦", "").replace("a.b.forEach", ";(a.b || []).forEach"),
    );
  });

  it("stand at the declaration when the value is read more than once", async () => {
    const code =
      "function create(context) {\n  const options = context.options[0];\n  const a = options.¦a;\n  const b = options.b;\n  return [a, b];\n}\n";
    const crash = { message: read("a"), code, more: old };
    const found = await expectRepair(
      crash,
      "defaultDeclaration",
      code.replace("¦", "").replace("options[0];", "options[0] || {};"),
    );
    expect((await repairsOf(crash))[0]?.template).toBe(found.template);
  });

  it.each([
    [
      "function f(a, options) {\n  return options.¦deep;\n}\n",
      "function f(a, options = {}) {\n  return options.deep;\n}\n",
    ],
    ["const f = options => options.¦deep;\n", "const f = (options = {}) => options.deep;\n"],
  ])("stand in the parameters: %s", async (code, after) => {
    await expectRepair({ message: read("deep"), code }, "defaultParameter", after);
  });

  it("stand in a pattern that is a parameter", async () => {
    const message = "Cannot destructure property 'a' of 'undefined' as it is undefined.";
    await expectRepair(
      { message, code: "const f = ({ ¦a }) => a;\n" },
      "defaultParameter",
      "const f = ({ a } = {}) => a;\n",
    );
  });

  it("make the container that is written into", async () => {
    const code = "function add(groups, key, x) {\n  groups[key].¦push(x);\n}\n";
    const after = "function add(groups, key, x) {\n  if (!groups[key]) groups[key] = [];\n  groups[key].push(x);\n}\n";
    await expectRepair({ message: read("push"), code, more: old }, "container", after);
    const write = {
      message: "Cannot set properties of undefined (setting 'a')",
      code: "function f(o) {\n  o.b.a ¦= 1;\n}\n",
      more: old,
    };
    await expectRepair(write, "container", "function f(o) {\n  if (!o.b) o.b = {};\n  o.b.a = 1;\n}\n");
  });

  it("are what sibling code uses", async () => {
    const plain = {
      message: read("length"),
      code: "function f(a) {\n  const n = a.tags.¦length;\n  return n;\n}\n",
      more: old,
    };
    const shown = { ...plain, code: `function g(a) {\n  return a.tags || [];\n}\n${plain.code}` };
    const score = async (crash: typeof plain) =>
      (await repairsOf(crash)).find((c) => c.template.startsWith("defaultValue"))?.score ?? 0;
    expect(await score(shown)).toBeGreaterThan(await score(plain));
  });
});

describe("initial values of reduce", () => {
  it.each([
    ["(a, b) => a + b.price", "0"],
    ["(a, b) => a.concat(b)", "[]"],
    ["(a, b) => ({ ...a, [b.id]: b })", "{}"],
    ["(a, b) => a && b.ok", "true"],
    ["(a, b) => a + ', ' + b", "''"],
  ])("%s", async (reducer, neutral) => {
    const crash = {
      message: "Reduce of empty array with no initial value",
      code: `const t = xs.¦reduce(${reducer});\nconst q = '';\n`,
    };
    await expectRepair(crash, "initialValue", `const t = xs.reduce(${reducer}, ${neutral});\nconst q = '';\n`);
  });
});

describe("types", () => {
  it.each([
    [
      "price.toFixed is not a function",
      "const s = price.¦toFixed(2);\n",
      "coercion:Number",
      "const s = Number(price).toFixed(2);\n",
    ],
    ["id.trim is not a function", "const s = id.¦trim();\n", "coercion:String", "const s = String(id).trim();\n"],
    [
      "Cannot convert a Symbol value to a string",
      "const s = 'a' ¦+ key;\n",
      "coercion:String",
      "const s = 'a' + String(key);\n",
    ],
    [
      "x is not iterable",
      "for (const [k, v] of ¦x) {\n  go(k, v);\n}\n",
      "entries",
      "for (const [k, v] of Object.entries(x)) {\n  go(k, v);\n}\n",
    ],
  ])("%s", async (message, code, template, after) => {
    await expectRepair({ message, code }, template, after);
  });

  it("ask whether an optional method is there", async () => {
    const crash = {
      message: "a.close is not a function",
      code: "function f(a) {\n  stop(a);\n  a.¦close();\n  end();\n}\n",
    };
    await expectRepair(
      crash,
      "typeGuard:statement",
      'function f(a) {\n  stop(a);\n  if (typeof a.close === "function") {\n    a.close();\n  }\n  end();\n}\n'.replaceAll(
        '"',
        "'",
      ),
    );
  });
});

describe("limits and texts", () => {
  it.each([
    [
      "Invalid count value: -1",
      "RangeError",
      "const s = 'x'.¦repeat(n);\n",
      "numericLimits",
      "const s = 'x'.repeat(Math.max(0, n));\n",
    ],
    [
      "Unexpected end of JSON input",
      "SyntaxError",
      "const s = JSON.¦parse(text);\n",
      "emptyText:null",
      "const s = text ? JSON.parse(text) : null;\n",
    ],
  ])("%s", async (message, type, code, template, after) => {
    await expectRepair({ message, type, code }, template, after);
  });
});

it("leaves missing elements out before walking through the list", async () => {
  const crash = { message: read("id"), code: "const ids = list.map((x) => x.¦id);\n" };
  await expectRepair(crash, "filterElements", "const ids = list.filter(Boolean).map((x) => x.id);\n");
});

it("lets a table answer only to its own keys", async () => {
  const code =
    "const TAGS = {\n  a: ['x'],\n};\nfunction f(key, tag) {\n  const tags = TAGS[key];\n  return tags.¦indexOf(tag) === -1;\n}\n";
  const after = code.replace("¦", "").replace("{\n  a:", "{\n  __proto__: null,\n  a:");
  await expectRepair({ message: "tags.indexOf is not a function", code }, "bareTable", after);
});
