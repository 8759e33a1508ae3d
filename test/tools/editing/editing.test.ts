import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nearestPaths, readRange } from "../../../src/tools/editing/readRange.ts";
import { replaceOnce } from "../../../src/tools/editing/replaceOnce.ts";

const CART = "export function total(cart) {\n  const items = cart.items;\n  return items.length;\n}\n";

describe("replacing text", () => {
  it("must match exactly once", () => {
    expect(replaceOnce(CART, "items.length", "items?.length")).toMatchObject({ kind: "edited", line: 3 });
    expect(replaceOnce("a\nb\na\n", "a", "c")).toEqual({
      kind: "refused",
      reason: "the text is there 2 times (lines 1, 3): give more of its surroundings",
    });
    expect(replaceOnce("aaa", "aa", "b")).toMatchObject({ kind: "refused" });
    expect(replaceOnce(CART, "", "x")).toMatchObject({ kind: "refused" });
    expect(replaceOnce(CART, "items", "items")).toMatchObject({ kind: "refused" });
  });

  it("shows the nearest lines when nothing matches, apart from its own words", () => {
    const result = replaceOnce(CART, "return item.lenght;", "x");
    expect(result).toMatchObject({
      kind: "refused",
      excerpt: expect.stringContaining("    3|   return items.length;"),
    });
    expect(result.kind === "refused" && result.reason).toContain("nearest is line 3");
    expect(replaceOnce("\n", "x", "y")).toEqual({ kind: "refused", reason: expect.stringContaining("is empty") });
    expect(replaceOnce("a", " \n", "y")).toEqual({ kind: "refused", reason: expect.stringContaining("white space") });
  });

  it("takes the replacement literally, and the file's line ends", () => {
    expect(replaceOnce("x", "x", "$& $1")).toMatchObject({ content: "$& $1" });
    expect(replaceOnce("a\r\nb\r\n", "a\nb", "c\nd")).toMatchObject({ content: "c\r\nd\r\n" });
    expect(replaceOnce("a\r\nb\r\n", "a\nb", "a\r\nb")).toMatchObject({ kind: "refused" });
  });

  it("changes nothing but the match", () => {
    const filled = fc.string({ minLength: 1 });
    fc.assert(
      fc.property(fc.string(), filled, fc.string(), fc.string(), (before, search, after, replacement) => {
        const result = replaceOnce(before + search + after, search, replacement);
        return result.kind === "refused" || result.content === before + replacement + after;
      }),
    );
  });
});

describe("reading", () => {
  it("shows a range of lines", () => {
    const text = Array.from({ length: 1000 }, (_, i) => `line ${i + 1}`).join("\n");
    expect(readRange(text, 998)).toBe(
      "  998| line 998\n  999| line 999\n 1000| line 1000\n(lines 998 to 1000 of 1000)",
    );
    expect(readRange(text).split("\n")).toHaveLength(401);
    expect(readRange(text, 5000, 1)).toContain(" 1000| line 1000");
    expect(readRange("")).toBe("(the file is empty)");
  });

  it("names the paths that a misspelt one most likely means", () => {
    const files = ["README.md", "src/cart.js", "src/server.js"];
    expect(nearestPaths("cart.js", files)[0]).toBe("src/cart.js");
    expect(nearestPaths("src/crat.js", files, 1)).toEqual(["src/cart.js"]);
    expect(nearestPaths("x".repeat(1_000_000), files)).toHaveLength(3);
  });
});
