import { describe, expect, it } from "vitest";
import { applyEdits } from "../../../../src/repair/edits.ts";
import { repairCandidates } from "../../../../src/repair/engine.ts";
import { expectRepair, marked, repairsOf, treeOf } from "../../../helpers/repairs.ts";

const old = { "package.json": '{"engines": {"node": ">=4"}}' };
const read = (member: string, nullish = "null") => `Cannot read properties of ${nullish} (reading '${member}')`;

describe("typeof null is object", () => {
  it("asks for the value first in the same condition", async () => {
    const code =
      "function f(key, obj) {\n  var value = typeof key === 'object' && typeof key.¦value !== 'undefined' ? key.value : obj[key];\n  return value;\n}\n";
    const after = code.replace("¦", "").replace("typeof key === 'object'", "key && typeof key === 'object'");
    const found = await expectRepair({ message: read("value"), code, more: old }, "nullObject", after);
    expect(found.score).toBeGreaterThan(90);
  });

  it("asks for it in the branch's condition", async () => {
    const code = "function f(x) {\n  if (typeof x === 'object') {\n    return x.¦kind;\n  }\n  return x;\n}\n";
    await expectRepair(
      { message: read("kind"), code, more: old },
      "nullObject",
      code.replace("¦", "").replace("(typeof x", "(x && typeof x"),
    );
  });

  it("leaves early for it", async () => {
    const code = "function f(x) {\n  if (typeof x !== 'object') return '';\n  return x.¦kind;\n}\n";
    await expectRepair(
      { message: read("kind"), code, more: old },
      "nullObject",
      code.replace("¦", "").replace("(typeof x", "(!x || typeof x"),
    );
  });

  it("does nothing where undefined came, or where the check is elsewhere", async () => {
    const code = "function f(x) {\n  if (typeof x === 'object') go(x);\n  return x.¦kind;\n}\n";
    for (const nullish of ["undefined", "null"]) {
      const all = await repairsOf({ message: read("kind", nullish), code, more: old });
      expect(all.filter((c) => c.template.startsWith("nullObject"))).toEqual([]);
    }
  });
});

describe("methods that not every object inherits", () => {
  it("are borrowed", async () => {
    const code = "function f(o, k) {\n  if (!o.¦hasOwnProperty(k)) return;\n  use(o[k]);\n}\n";
    const crash = { message: "o.hasOwnProperty is not a function", code, more: old };
    await expectRepair(
      crash,
      "ownMethod",
      code.replace("o.¦hasOwnProperty(k)", "Object.prototype.hasOwnProperty.call(o, k)"),
    );
    expect((await repairsOf(crash)).map((c) => c.template)).toEqual(["ownMethod:hasOwnProperty"]);
  });
});

describe("a callback that was left out", () => {
  it("is nobody, at every place that calls it", async () => {
    const code = "function stop(list, cb) {\n  if (list.length === 0) return ¦cb();\n  list.forEach(() => cb());\n}\n";
    const crash = { message: "cb is not a function", code };
    await expectRepair(crash, "optionalCallback", code.replace("¦", "").replace("(list, cb)", "(list, cb = () => {})"));
    const all = await repairsOf(crash);
    expect(all[0]?.template).toBe("optionalCallback");
  });

  it("is nobody in older code too", async () => {
    const code = "function stop(cb) {\n  var a = 1;\n  var b = 2;\n  setTimeout(function () { ¦cb(a, b); });\n}\n";
    await expectRepair(
      { message: "cb is not a function", code, more: old },
      "optionalCallback",
      code.replace("¦", "").replace("  var a", "  cb = cb || function () {};\n  var a"),
    );
  });

  it("is not made up for functions that compute something", async () => {
    const code = "function each(list, mapper) {\n  return list.map((x) => ¦mapper(x));\n}\n";
    const all = await repairsOf({ message: "mapper is not a function", code });
    expect(all.filter((c) => c.template.startsWith("optionalCallback"))).toEqual([]);
  });
});

describe("a value of another kind", () => {
  const code = "function clean(x) {\n  return x.¦trim();\n}\n";
  it("may be handed on as it is; giving nothing in its place hides", async () => {
    const crash = { message: "x.trim is not a function", code, more: old };
    await expectRepair(
      crash,
      "typeGuard:asItIs",
      "function clean(x) {\n  return typeof x === 'string' ? x.trim() : x;\n}\n",
    );
    const nothing = (await repairsOf(crash)).filter((c) => c.effect === "value:undefined");
    expect(nothing.every((c) => c.hides)).toBe(true);
  });
});

describe("an option read through an object that is missing", () => {
  it("is not dropped in silence for the default", async () => {
    const scores = async (fallback: string) => {
      const all = await repairsOf({
        message: read("config", "undefined"),
        code: `function f(req) {\n  const h = req.route.¦config.handler || ${fallback};\n  return h(req);\n}\n`,
        more: old,
      });
      return all.find((c) => c.template === "nullGuard:and")?.score ?? 0;
    };
    expect(await scores("handler")).toBeLessThan(60);
    expect(await scores("[]")).toBeGreaterThan(76);
  });
});

describe("one of many", () => {
  it("is not replaced by an empty stand-in", async () => {
    const all = await repairsOf({
      message: read("a"),
      code: "function f(xs) {\n  for (var i = 0; i < xs.length; i++) {\n    var x = xs[i];\n    use(x.¦a, x.b);\n  }\n}\n",
      more: old,
    });
    expect(all.find((c) => c.template.startsWith("defaultDeclaration"))?.score).toBeLessThan(70);
  });
});

describe("what was handed to a package", () => {
  const code = "function unit(time) {\n  const parsed = parser.¦unit(time);\n  return parsed;\n}\n";
  it("is asked for before the call, and in the caller's frame", async () => {
    const { text, line, column } = marked(code);
    const calls = `${text}function f(v) {\n  if (unit(v.a)) {\n    use(v);\n  }\n}\n`;
    const callers = [{ file: "a.js", line: 6, column: 7 }];
    const all = await repairCandidates({
      exception: { type: "TypeError", value: "Cannot read properties of undefined (reading 'length')" },
      places: [{ file: "a.js", line, column }, ...callers],
      tree: treeOf({ "a.js": calls }),
      handedOver: true,
    });
    const texts = all.map((c) => applyEdits(calls, c.edits));
    expect(texts.some((t) => t.includes("time ? parser.unit(time) : undefined"))).toBe(true);
    expect(texts.some((t) => t.includes("if (v.a && unit(v.a))"))).toBe(true);
  });
});

describe("what leaves work undone", () => {
  const scoreOf = async (code: string, template: string, member: string) =>
    (await repairsOf({ message: read(member, "undefined"), code, more: old })).find((c) => c.template === template);

  it("ranks below what is proposed when something was to be kept", async () => {
    const keeps = "function f(list, x) {\n  start();\n  list.¦addItem(x);\n  end();\n}\n";
    const found = await scoreOf(keeps, "nullGuard:statement", "addItem");
    expect(found?.hides).toBe(true);
    expect(found?.score).toBeLessThan(60);
    const tells = "function f(bus, x) {\n  start();\n  bus.¦refresh(x);\n  end();\n}\n";
    expect((await scoreOf(tells, "nullGuard:statement", "refresh"))?.hides).toBe(false);
  });

  it("ranks below where a branch for the other way is there", async () => {
    const both = "function f(a) {\n  if (a.b.¦type === 'X') {\n    one(a);\n  } else {\n    other(a);\n  }\n}\n";
    expect((await scoreOf(both, "nullGuard:and", "type"))?.score).toBeLessThan(60);
    const leaves = "function f(a) {\n  if (a.b.¦type === 'X') {\n    one(a);\n  } else {\n    return;\n  }\n}\n";
    expect((await scoreOf(leaves, "nullGuard:and", "type"))?.score).toBeGreaterThan(80);
  });
});
