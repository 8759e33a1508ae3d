import { describe, expect, it } from "vitest";
import { expectRepair, repairsOf } from "../../../helpers/repairs.ts";

const read = (member: string) => `Cannot read properties of undefined (reading '${member}')`;

describe("members", () => {
  it("that exist nowhere become the one spelt nearly so", async () => {
    const code =
      "export function f(user) {\n  if (user.address) check(user.address.zip);\n  return user.adress.¦city;\n}\n";
    const found = await expectRepair(
      { message: read("city"), code },
      "misspeltMember",
      code.replace("¦", "").replace("adress", "address"),
    );
    expect((await repairsOf({ message: read("city"), code }))[0]?.template).toBe(found.template);
  });

  it("that are called wrongly become the method", async () => {
    const crash = { message: "list.foreach is not a function", code: "list.¦foreach((x) => go(x));\n" };
    await expectRepair(crash, "misspeltMember", "list.forEach((x) => go(x));\n");
  });

  it("that are defined elsewhere stay", async () => {
    const code = "export function f(user) {\n  check(user.address);\n  return user.adress.¦city;\n}\n";
    const more = { "src/user.js": "export const make = () => ({ adress: { city: 1 } });\n" };
    expect((await repairsOf({ message: read("city"), code, more })).some((c) => c.template === "misspeltMember")).toBe(
      false,
    );
  });

  it("of the wrong module move to the right one", async () => {
    const code =
      'import utils from "./utils.js";\nimport platform from "./platform.js";\nexport const f = (path) => ¦new URL(path, utils.hasEnv ? platform.origin : undefined);\n';
    const more = {
      "src/utils.js": "export default { merge, forEach };\n",
      "src/platform.js": "export default { hasEnv, origin };\n",
    };
    const found = await expectRepair(
      { message: "Invalid URL", code, more },
      "wrongOwner",
      code.replace("¦", "").replace("utils.hasEnv", "platform.hasEnv"),
    );
    expect(found.score).toBeGreaterThan(85);
  });
});

describe("names that are not defined", () => {
  const crash = (name: string, code: string, more = {}) => ({
    type: "ReferenceError",
    message: `${name} is not defined`,
    code,
    more,
  });

  it("become the one in scope", async () => {
    await expectRepair(
      crash("optoins", "function f(options) {\n  return ¦optoins.a;\n}\n"),
      "misspeltName",
      "function f(options) {\n  return options.a;\n}\n",
    );
  });

  it("are imported from the file that exports them", async () => {
    const more = { "src/money.js": "export function round(x) {\n  return x;\n}\n" };
    const code = 'import { tax } from "./tax.js";\n\nexport const total = (x) => tax(¦round(x));\n';
    await expectRepair(
      crash("round", code, more),
      "missingImport",
      code.replace("¦", "").replace('"./tax.js";', '"./tax.js";\nimport { round } from "./money.js";'),
    );
  });

  it("are required where the file requires", async () => {
    const more = { "src/money.js": "exports.round = (x) => x;\n" };
    const code = "'use strict';\nconst tax = require('./tax');\nmodule.exports = (x) => tax(¦round(x));\n";
    await expectRepair(
      crash("round", code, more),
      "missingImport",
      code.replace("¦", "").replace("'./tax');", "'./tax');\nconst { round } = require('./money');"),
    );
  });

  it("are declared where they are first used", async () => {
    await expectRepair(
      crash("x", "'use strict';\nfor (¦x of list) {\n  go(x);\n}\n"),
      "declareName",
      "'use strict';\nfor (const x of list) {\n  go(x);\n}\n",
    );
  });

  it("are asked for where only some runtimes have them", async () => {
    const code = "function f() {\n  if (¦window.location) {\n    go();\n  }\n}\n";
    await expectRepair(
      crash("window", code),
      "globalGuard:and",
      "function f() {\n  if (typeof window !== 'undefined' && window.location) {\n    go();\n  }\n}\n",
    );
  });
});

describe("declarations and calls", () => {
  it("lets a constant that is assigned be a variable", async () => {
    const crash = {
      message: "Assignment to constant variable.",
      code: "const n = 0;\nfunction f() {\n  n ¦+= 1;\n}\n",
    };
    await expectRepair(crash, "constToLet", "let n = 0;\nfunction f() {\n  n += 1;\n}\n");
  });

  it("calls a class with new", async () => {
    const crash = { message: "Class constructor Shop cannot be invoked without 'new'", code: "const s = ¦Shop(1);\n" };
    await expectRepair(crash, "missingNew", "const s = new Shop(1);\n");
  });

  it("awaits what is async", async () => {
    const code =
      "async function load() {\n  return [];\n}\nexport async function f() {\n  const rows = load();\n  return rows.¦map((r) => r.id);\n}\n";
    await expectRepair(
      { message: "rows.map is not a function", code },
      "missingAwait",
      code.replace("¦", "").replace("= load()", "= await load()"),
    );
  });

  it("returns what was computed", async () => {
    const code =
      "function find(xs) {\n  xs.find((x) => x.ok);\n}\nexport function f(xs) {\n  const x = find(xs);\n  return x.¦id;\n}\n";
    await expectRepair(
      { message: read("id"), code },
      "missingReturn",
      code.replace("¦", "").replace("  xs.find", "  return xs.find"),
    );
  });
});

describe("off by one", () => {
  it.each([
    [
      "for (let i = 0; i <= a.length; i++) {\n  go(a[i].¦x);\n}\n",
      "for (let i = 0; i < a.length; i++) {\n  go(a[i].x);\n}\n",
    ],
    ["const z = a[a.length].¦x;\n", "const z = a[a.length - 1].x;\n"],
    [
      "for (let i = a.length; i >= 0; i--) {\n  go(a[i].¦x);\n}\n",
      "for (let i = a.length - 1; i >= 0; i--) {\n  go(a[i].x);\n}\n",
    ],
  ])("%s", async (code, after) => {
    await expectRepair({ message: read("x"), code }, "offByOne", after);
  });
});
