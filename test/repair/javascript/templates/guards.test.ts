import { describe, expect, it } from "vitest";
import { expectRepair, repairsOf } from "../../../helpers/repairs.ts";

const read = (member: string, nullish = "undefined") => `Cannot read properties of ${nullish} (reading '${member}')`;
const modern = { "package.json": '{"engines": {"node": ">=18"}}' };
const old = { "package.json": '{"engines": {"node": ">=4"}}' };

describe("optional chaining", () => {
  it("is used where the project's Node knows it", async () => {
    const crash = {
      message: read("city"),
      code: "export function f(user) {\n  const city = user.address.¦city;\n  return city;\n}\n",
      more: modern,
    };
    await expectRepair(
      crash,
      "optionalChaining",
      "export function f(user) {\n  const city = user.address?.city;\n  return city;\n}\n",
    );
  });

  it("is `a && a.b` in older code", async () => {
    const crash = {
      message: read("city"),
      code: "function f(user) {\n  const city = user.address.¦city;\n  return city;\n}\n",
      more: old,
    };
    await expectRepair(
      crash,
      "optionalChaining:and",
      "function f(user) {\n  const city = user.address && user.address.city;\n  return city;\n}\n",
    );
    expect((await repairsOf(crash)).every((c) => !c.after.includes("?."))).toBe(true);
  });

  it("never asks a call twice", async () => {
    const crash = {
      message: read("1", "null"),
      code: "function f(s) {\n  const v = s.match(/a(b)/)¦[1];\n  return v;\n}\n",
      more: old,
    };
    await expectRepair(
      crash,
      "optionalChaining:empty",
      "function f(s) {\n  const v = (s.match(/a(b)/) || [])[1];\n  return v;\n}\n",
    );
  });

  it("works on computed members", async () => {
    const crash = {
      message: read("0"),
      code: "export const f = (a) => {\n  const x = a.list¦[0];\n  return x;\n};\n",
      more: modern,
    };
    await expectRepair(
      crash,
      "optionalChaining",
      "export const f = (a) => {\n  const x = a.list?.[0];\n  return x;\n};\n",
    );
  });
});

describe("guards in conditions take the harmless way", () => {
  const best = async (message: string, code: string) => (await repairsOf({ message, code, more: old }))[0]?.after ?? "";

  it("keep an equality false", async () => {
    expect(
      await best(read("type"), "function f(a) {\n  if (a.parent.¦type === 'X') {\n    go(a);\n  }\n}\n"),
    ).toContain("if (a.parent && a.parent.type === 'X')");
  });

  it("leave where the branch only leaves", async () => {
    expect(
      await best(
        "name.indexOf is not a function",
        "function f(name) {\n  if (name.¦indexOf(':') === -1) return undefined;\n  report(name);\n}\n",
      ),
    ).toContain("if (typeof name !== 'string' || name.indexOf(':') === -1) return undefined;");
  });

  it("do not work on what is not there", async () => {
    expect(
      await best(read("type"), "function f(a) {\n  if (a.parent.¦type !== 'X') {\n    go(a);\n  }\n}\n"),
    ).toContain("if (a.parent && a.parent.type !== 'X')");
  });

  it("keep a negation true", async () => {
    expect(
      await best(
        read("length"),
        "function isLeaf(node) {\n  const children = node.children;\n\n  return !children.¦length || !children.some(hasJSX);\n}\n",
      ),
    ).toContain("return !children || !children.length");
  });

  it("cover every part that reads the value", async () => {
    expect(await best(read("type"), "function f(x) {\n  return !(x.¦type === 'A' || x.type === 'B');\n}\n")).toContain(
      "!(x && (x.type === 'A' || x.type === 'B'))",
    );
  });

  it("put parentheses round `&&` under `||`", async () => {
    expect(await best(read("b"), "function f(a, c) {\n  if (c || a.¦b) {\n    go();\n  }\n}\n")).toContain(
      "if (c || (a && a.b))",
    );
  });
});

describe("guards of statements", () => {
  it("wrap a call for its effect", async () => {
    const crash = {
      message: read("emit"),
      code: "function f(bus) {\n  start();\n  bus.¦emit('x');\n  end();\n}\n",
      more: old,
    };
    await expectRepair(
      crash,
      "nullGuard:statement",
      "function f(bus) {\n  start();\n  if (bus) {\n    bus.emit('x');\n  }\n  end();\n}\n",
    );
  });

  it("leave with what the function gives elsewhere", async () => {
    const code = "function f(a) {\n  if (a.off) {\n    return null;\n  }\n  const b = a.b.¦c;\n  return b.d;\n}\n";
    await expectRepair(
      { message: read("c"), code, more: old },
      "nullGuard:leave",
      "function f(a) {\n  if (a.off) {\n    return null;\n  }\n  if (!a.b) {\n    return null;\n  }\n  const b = a.b.c;\n  return b.d;\n}\n",
    );
  });

  it("go on with the next round of a loop", async () => {
    const code = "function f(list) {\n  for (const x of list) {\n    const n = x.a.¦b;\n    go(n.c);\n  }\n}\n";
    await expectRepair(
      { message: read("b"), code, more: old },
      "nullGuard:leave",
      code.replace("¦", "").replace("    const n", "    if (!x.a) {\n      continue;\n    }\n    const n"),
    );
  });

  it("say that they hide when nothing else is done", async () => {
    const crash = {
      message: "log[level] is not a function",
      code: "function f(log, level) {\n  log[level]¦('x');\n}\n",
      more: old,
    };
    const found = await expectRepair(
      crash,
      "typeGuard:statement",
      "function f(log, level) {\n  if (typeof log[level] === 'function') {\n    log[level]('x');\n  }\n}\n",
    );
    expect(found.hides).toBe(true);
    expect(found.explanation).toContain("hides");
  });

  it("let middleware go on", async () => {
    const crash = {
      message: read("open"),
      code: "const m = async (c, next) => {\n  const s = await c.store.¦open('x');\n  c.s = s.id;\n  await next();\n};\n",
      more: old,
    };
    await expectRepair(
      crash,
      "nullGuard:leave",
      "const m = async (c, next) => {\n  if (!c.store) {\n    return next();\n  }\n  const s = await c.store.open('x');\n  c.s = s.id;\n  await next();\n};\n",
    );
  });
});

describe("a condition that is there already", () => {
  it("is widened", async () => {
    const crash = { message: read("c"), code: "const f = (a, b) => (a ? b.x.¦c : 0);\n", more: old };
    await expectRepair(crash, "widenedCondition", "const f = (a, b) => (a && b.x ? b.x.c : 0);\n");
  });

  it("learns of the other kind of nothing", async () => {
    const crash = {
      message: read("b"),
      code: "function f(a) {\n  if (a === null) return 0;\n  return a.¦b;\n}\n",
      more: old,
    };
    await expectRepair(crash, "looseNullCheck", "function f(a) {\n  if (a == null) return 0;\n  return a.b;\n}\n");
  });
});

describe("callers", () => {
  it("guard the call with their own words for the value", async () => {
    const code =
      "function name(node) {\n  return node.¦id;\n}\nfunction f(a) {\n  if (name(a.parent) === 'x') {\n    go(a);\n  }\n}\n";
    const crash = {
      message: read("id"),
      code,
      more: old,
      callers: [{ file: "src/app.js", line: 5, column: 7, function: "f" }],
    };
    const all = await repairsOf(crash);
    expect(all.some((c) => c.after.includes("if (a.parent && name(a.parent) === 'x')"))).toBe(true);
  });
});

describe("sibling code", () => {
  it("gives the read its alternative, in this place's words", async () => {
    const code = "function f(rule) {\n  const s = rule.raws.selector.¦raw;\n  return s.trim();\n}\n";
    const more = { ...old, "src/other.js": "const s = node.raws.selector ? node.raws.selector.raw : node.selector;\n" };
    const after = code
      .replace("¦", "")
      .replace("rule.raws.selector.raw", "rule.raws.selector ? rule.raws.selector.raw : rule.selector");
    await expectRepair({ message: read("raw"), code, more }, "siblingForm", after);
  });
});

describe("a check that turns input down", () => {
  const check = (condition: string, branch: string) =>
    `function f(req) {\n  if (${condition}) {\n    const text = 'no';\n    ${branch}\n  }\n  go(req);\n}\n`;

  it("turns a missing value down where it asks for another value", async () => {
    const code = check("req.kind.¦name !== 'x'", "abort(req, text);\n    return;");
    const all = await repairsOf({ message: read("name"), code, more: old });
    expect(all[0]).toMatchObject({ effect: "test:true" });
    expect(all[0]?.after).toContain("if (!req.kind || req.kind.name !== 'x')");
  });

  it("cannot be told where it asks for too much of it: both ways stay near", async () => {
    const code = check("req.kind.¦length > 9", "throw new Error(text);");
    const all = (await repairsOf({ message: read("length"), code, more: old })).filter((c) =>
      /:(?:and|or)$/.test(c.template),
    );
    const scores = all.map((c) => Math.round(c.score));
    expect(all.map((c) => c.effect)).toEqual(expect.arrayContaining(["test:true", "test:false"]));
    expect(Math.max(...scores) - Math.min(...scores)).toBeLessThanOrEqual(10);
    expect(Math.max(...scores)).toBeLessThan(90);
  });

  it("is none where it only skips", async () => {
    const code = check("req.kind.¦length > 9", "go(text);");
    const all = await repairsOf({ message: read("length"), code, more: old });
    expect(all[0]?.after).toContain("if (req.kind && req.kind.length > 9)");
  });
});

describe("a statement and its twin", () => {
  const twin = (second: string) =>
    `let scope = null;\nmodule.exports = {\n  a() {\n    scope.¦seen = true;\n  },\n  b(node) {\n    ${second}\n  },\n};\n`;
  const message = "Cannot set properties of null (setting 'seen')";
  const statements = async (code: string) =>
    (await repairsOf({ message, code, more: old })).filter((c) => c.template === "nullGuard:statement");

  it("are guarded together", async () => {
    const [found] = await statements(twin("if (node.wait) {\n      scope.seen = true;\n    }"));
    expect(found?.after.match(/if \(scope\)/g)).toHaveLength(2);
  });

  it.each([
    ["asks already", "if (scope) scope.seen = true;"],
    ["has one of its own", "const scope = node.scope;\n    scope.seen = true;"],
    ["does something else", "scope.seen = false;"],
  ])("are not where the other %s", async (_, second) => {
    const [found] = await statements(twin(second));
    expect(found?.edits).toHaveLength(1);
  });
});

describe("null", () => {
  it("was put there by somebody: nothing is made in its place", async () => {
    const code = "function f(set, key) {\n  set[key].at ¦= 1;\n}\n";
    const best = async (nullish: string) =>
      (await repairsOf({ message: `Cannot set properties of ${nullish} (setting 'at')`, code, more: old }))[0]
        ?.template;
    expect(await best("undefined")).toBe("container:{}");
    expect(await best("null")).not.toBe("container:{}");
  });
});
