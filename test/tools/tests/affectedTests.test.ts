import { describe, expect, it } from "vitest";
import { affectedTests, importGraph } from "../../../src/tools/tests/affectedTests.ts";

const TREE: Record<string, string> = {
  "src/money.ts": "",
  "src/cart.ts": 'import { add } from "./money.js";',
  "src/shop/index.ts": 'export * from "../cart";',
  "src/other.ts": "",
  "test/money.test.ts": 'import "../src/money.ts";',
  "test/cart.test.ts": 'import { cart } from "../src/cart.js";',
  "test/shop.test.ts": 'const shop = await import("../src/shop");',
  "test/other.test.ts": 'import "../src/other.ts";',
  "test/helpers/money.ts": 'import "../../src/money.ts";',
  "test/legacy.js": 'const x = require("../src/money");',
  "tests/test_money.py": "",
};
const files = Object.keys(TREE);
const affected = async (changed: string[], limit = 20) =>
  affectedTests(files, changed, await importGraph(files, async (path) => TREE[path] ?? null), limit);

describe("the tests that a change concerns", () => {
  it.each<[string[], string[]]>([
    [["src/other.ts"], ["test/other.test.ts"]],
    [["src/shop/index.ts"], ["test/shop.test.ts"]],
    [["src/cart.ts"], ["test/cart.test.ts", "test/shop.test.ts"]],
    [
      ["src/money.ts"],
      ["test/money.test.ts", "tests/test_money.py", "test/legacy.js", "test/cart.test.ts", "test/shop.test.ts"],
    ],
    [["README.md"], []],
  ])("%s", async (changed, expected) => {
    expect(await affected(changed)).toEqual(expected);
  });

  it("is bounded, nearest first", async () => {
    expect(await affected(["src/money.ts"], 2)).toEqual(["test/money.test.ts", "tests/test_money.py"]);
  });
});
