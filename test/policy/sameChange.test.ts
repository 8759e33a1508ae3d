import { describe, expect, it } from "vitest";
import { sameChange } from "../../src/policy/sameChange.ts";

const diff = (body: string, { at = 1, file = "a.js" } = {}) =>
  `diff --git a/${file} b/${file}\nindex ${"1".repeat(40)}..${"2".repeat(40)} 100644\n--- a/${file}\n+++ b/${file}\n@@ -${at},3 +${at},3 @@\n one\n${body}\n three\n`;
const base = diff("-two\n+TWO");

describe("the same change", () => {
  it.each([
    ["itself", base, true],
    ["further down", diff("-two\n+TWO", { at: 40 }), true],
    ["another line put in", diff("-two\n+2"), false],
    ["another line taken out", diff("-zwei\n+TWO"), false],
    ["in another file", diff("-two\n+TWO", { file: "b.js" }), false],
    ["with a file of its own beside it", `${base}${diff("-two\n+TWO", { file: "b.js" })}`, true],
    ["nothing", "", false],
    ["what is no diff", "two", false],
  ])("%s", (_, other, same) => {
    expect(sameChange(base, other, ["a.js"])).toBe(same);
    expect(sameChange(other, base, ["a.js"])).toBe(same);
  });
});
