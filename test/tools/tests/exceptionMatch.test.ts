import { describe, expect, it } from "vitest";
import { matchesException, templateOf } from "../../../src/tools/tests/exceptionMatch.ts";
import { functionName, parseFrame, repositoryFile } from "../../../src/tools/tests/printedFrames.ts";
import { cpuMs } from "../../helpers/patience.ts";

const FILES = [
  "src/cart.js",
  "src/server.js",
  "packages/a/src/index.js",
  "lib/shop/cart.ex",
  "app/cart.py",
  "index.js",
];
const VALUE = "Cannot read properties of undefined (reading 'length')";
const frame = (file: string, name?: string) => ({ file, inApp: true, line: 3, ...(name && { function: name }) });
const event = (more: object = {}) => ({
  exception: {
    type: "TypeError",
    value: VALUE,
    frames: [frame("/srv/app/src/cart.js", "total"), frame("/srv/app/src/server.js", "handle")],
    ...more,
  },
  causes: [],
});
const STACK = `TypeError: ${VALUE}\n    at total (/repo/src/cart.js:3:20)\n    at handle (/repo/src/server.js:9:3)`;

describe("a function that goes by another name", () => {
  // jest names it after the nearest name of its own source map.
  const at = (line: number, column?: number) =>
    event({ frames: [{ ...frame("/srv/app/src/cart.js", "total"), line, ...(column !== undefined && { column }) }] });
  const shown = `TypeError: ${VALUE}\n\n      at items (src/cart.js:3:20)\n      at Object.total (test/a.js:4:10)\n`;

  it.each([
    ["the very same place", at(3, 20), true],
    ["another column", at(3, 9), false],
    ["another line", at(4, 20), false],
    ["no column to compare", at(3), false],
  ])("%s: %#", (_, wanted, expected) => {
    expect(matchesException(shown, wanted, FILES).matches).toBe(expected);
  });

  it("tap's type is asked for in its own report only", () => {
    const report = (type: string) =>
      `not ok 1 - ${VALUE}\n  ---\n  stack: |\n    total (src/cart.js:3:20)\n  type: ${type}\n  ...\n`;
    expect(matchesException(report("TypeError"), event(), FILES).matches).toBe(true);
    expect(matchesException(`${report("RangeError")}  type: TypeError\n`, event(), FILES).matches).toBe(false);
  });
});

describe("matchesException", () => {
  it.each<[string, string]>([
    [
      "a Node crash",
      `/repo/src/cart.js:3\n  return cart.items.length\n                    ^\n\n${STACK}\n\nNode.js v20.20.2\n`,
    ],
    ["with colours", STACK.replace("TypeError", "\u001b[31mTypeError\u001b[0m")],
    [
      "a logged cause",
      `Error: request failed\n    at handle (/repo/src/server.js:12:9) {\n  [cause]: TypeError: ${VALUE}\n      at total (/repo/src/cart.js:3:20)\n      at handle (/repo/src/server.js:9:3)\n}`,
    ],
    ["a caught and printed one", `oops [TypeError: ${VALUE}]\n${STACK}`],
    [
      "vitest",
      ` FAIL  test/cart.test.js > total\nTypeError: ${VALUE}\n ❯ total src/cart.js:3:20\n      1| export function total(cart) {\n      2|\n      3|   return cart.items.length\n       |                    ^\n ❯ test/cart.test.js:5:10\n`,
    ],
    [
      "mocha",
      `  1) cart\n       total:\n     TypeError: ${VALUE}\n      at total (src/cart.js:3:20)\n      at Context.<anonymous> (test/cart.js:4:5)\n`,
    ],
    [
      "node:test, spec",
      `✖ total (1.2ms)\n  TypeError: ${VALUE}\n      at total (file:///repo/src/cart.js:3:20)\n      at TestContext.<anonymous> (file:///repo/test/a.mjs:4:5)\n`,
    ],
    [
      "node:test, TAP",
      `not ok 1 - total\n  ---\n  error: "${VALUE}"\n  code: 'ERR_TEST_FAILURE'\n  name: 'TypeError'\n  stack: |-\n    total (file:///repo/src/cart.js:3:20)\n    TestContext.<anonymous> (file:///repo/test/a.mjs:4:5)\n  ...\n`,
    ],
    [
      "tap",
      `    not ok 1 - ${VALUE}\n      ---\n      stack: |\n        total (src/cart.js:3:20)\n        Test.<anonymous> (test/a.js:4:11)\n      at:\n        line: 3\n      type: TypeError\n      ...\n`,
    ],
    [
      "jest",
      `  ● total\n\n    TypeError: ${VALUE}\n\n      1 | x\n    > 3 |   return cart.items.length\n        |                    ^\n\n      at total (src/cart.js:3:20)\n      at Object.total (test/a.js:4:10)\n`,
    ],
    ["a method of an object", STACK.replace("at total", "at async Object.total [as sum]")],
    ["an unnamed frame", STACK.replace("total (/repo/src/cart.js:3:20)", "/repo/src/cart.js:3:20")],
    [
      "frames of the runtime above",
      STACK.replace("    at total", "    at Array.map (<anonymous>)\n    at node:internal/x:1:1\n    at total"),
    ],
    ["the top frame cut off", `TypeError: ${VALUE}\n    at handle (/repo/src/server.js:9:3)`],
    ["Windows paths", STACK.replaceAll("/repo/", "C:\\repo\\").replaceAll("src/", "src\\")],
  ])("sees it in %s", (_name, output) => {
    expect(matchesException(output, event(), FILES)).toMatchObject({ matches: true });
  });

  it.each<[string, string, RegExp]>([
    ["nothing", "", /does not show/],
    ["another type", STACK.replace("TypeError", "RangeError"), /does not show/],
    ["a longer type name", STACK.replace("TypeError", "MyTypeError"), /does not show/],
    ["another message", STACK.replace("length", "size"), /does not show/],
    [
      "another file",
      STACK.replace("src/cart.js", "lib/other.js").replace("src/server.js", "lib/x.js"),
      /without a frame/,
    ],
    ["another function", STACK.replace("at total", "at subtotal"), /at subtotal/],
    [
      "deeper only",
      STACK.replace("    at total", "    at parse (/repo/index.js:1:1)\n    at total"),
      /and not at total/,
    ],
    ["a test's own frame only", `TypeError: ${VALUE}\n    at /repo/test/x.test.js:3:1`, /without a frame/],
    ["third-party code of the same name", STACK.replaceAll("/repo/src", "/repo/node_modules/x/src"), /without a frame/],
    ["no stack", `TypeError: ${VALUE}`, /without a frame/],
    [
      "the frames of the next exception",
      `TypeError: ${VALUE}\nError: other\n    at total (/repo/src/cart.js:3:20)`,
      /without a frame/,
    ],
  ])("does not see it in %s", (_name, output, why) => {
    const result = matchesException(output, event(), FILES);
    expect(result.matches).toBe(false);
    expect(result.why).toMatch(why);
  });

  it("compares messages without their data", () => {
    const value = "Order 17 of 'bob' not found in /var/data/orders/17.json";
    const output = `Error: Order 9120 of "al" not found in /tmp/x/9.json\n    at total (/repo/src/cart.js:3:20)`;
    expect(matchesException(output, event({ type: "Error", value }), FILES).matches).toBe(true);
    expect(templateOf("x (reading 'name')")).not.toBe(templateOf("x (reading 'size')"));
    expect(templateOf("don't take 'a' and 'b'")).toBe("don't take ‹› and ‹›");
  });

  it("takes a class that gives itself no name", () => {
    const output = "CartError: empty\n    at total (/repo/src/cart.js:3:20)";
    expect(matchesException(output, event({ type: "Error", value: "empty" }), FILES).matches).toBe(true);
  });

  it("matches a cause of the event", () => {
    const outer = { type: "Error", value: "request failed", frames: [frame("/srv/src/server.js", "handle")] };
    expect(matchesException(STACK, { exception: outer, causes: [event().exception] }, FILES).matches).toBe(true);
  });

  it("cannot place an event that has no frame in the repository", () => {
    expect(matchesException(STACK, event({ frames: [frame("/x/y.js", "z")] }), FILES)).toMatchObject({
      matches: false,
      why: "the event has no frame in the repository",
    });
  });

  it("reads Elixir", () => {
    const exception = {
      type: "KeyError",
      value: "key :items not found in: %{id: 1}",
      frames: [frame("lib/shop/cart.ex", "Shop.Cart.total/1")],
    };
    const output = `  1) test total (Shop.CartTest)\n     test/cart_test.exs:4\n     ** (KeyError) key :items not found in: %{id: 7}\n     code: assert Shop.Cart.total(%{}) == 0\n     stacktrace:\n       (shop 0.1.0) lib/shop/cart.ex:3: Shop.Cart.total/1\n       test/cart_test.exs:5: (test)\n`;
    expect(matchesException(output, { exception, causes: [] }, FILES).matches).toBe(true);
  });

  it("reads Python", () => {
    const exception = { type: "KeyError", value: "'items'", frames: [frame("/srv/app/cart.py", "total")] };
    const output = `Traceback (most recent call last):\n  File "/repo/main.py", line 2, in <module>\n    total({})\n  File "/repo/app/cart.py", line 3, in total\n    return cart["items"]\nKeyError: 'items'\n`;
    expect(matchesException(output, { exception, causes: [] }, FILES).matches).toBe(true);
  });

  it("stays quick on a hostile output", () => {
    const output = `${"TypeError: ".repeat(50_000)}\n${"    at (".repeat(100_000)}\n`.repeat(20);
    const took = cpuMs(() => expect(matchesException(output, event(), FILES).matches).toBe(false));
    expect(took).toBeLessThan(2000);
  });
});

describe("frames", () => {
  it.each([
    ["    at Object.<anonymous> (/a/b.js:1:2)", "/a/b.js", null],
    ["    at async file:///a/b%20c.mjs:1:2", "file:///a/b%20c.mjs", null],
    ["    at new Cart (/a/b.js:1:2)", "/a/b.js", "Cart"],
    [" ❯ src/a.js:1:2", "src/a.js", null],
    ["  (shop 0.1.0) lib/a.ex:3: anonymous fn/1 in Shop.A.b/2", "lib/a.ex", "b"],
  ])("reads %j", (line, file, name) => {
    expect(parseFrame(line)).toEqual({ file, function: name });
  });

  it.each(["Note: see (file) at 12:30:11", "error at startup", "    at ", "x:1:2"])("is not misled by %j", (line) => {
    expect(parseFrame(line)).toBeNull();
  });

  it("maps printed paths to the repository by the longest suffix", () => {
    expect(repositoryFile("/x/packages/a/src/index.js", FILES)).toBe("packages/a/src/index.js");
    expect(repositoryFile("src/index.js", FILES)).toBe("packages/a/src/index.js");
    expect(repositoryFile("file:///r/src/cart.js?t=1", FILES)).toBe("src/cart.js");
    expect(repositoryFile("node:internal/index.js", FILES)).toBeNull();
    expect(functionName("Shop.Cart.total/1")).toBe("total");
  });
});
