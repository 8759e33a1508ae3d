import { expect, it } from "vitest";
import { undoesEarlierPatch } from "../../src/policy/undoesEarlierPatch.ts";

const GUARD = ["const name = user.profile.name;", "const name = user.profile?.name;"] as const;

function diff(removed: readonly string[], added: readonly string[], path = "src/greet.js"): string {
  const lines = [...removed.map((l) => `-  ${l}`), ...added.map((l) => `+  ${l}`)];
  return [
    `diff --git a/${path} b/${path}`,
    "index 1111111..2222222 100644",
    `--- a/${path}`,
    `+++ b/${path}`,
    `@@ -1,${removed.length + 1} +1,${added.length + 1} @@`,
    " // context",
    ...lines,
    "",
  ].join("\n");
}

const fix = diff([GUARD[0]], [GUARD[1]]);

it.each([
  ["the reverse of a fix", diff([GUARD[1]], [GUARD[0]]), true],
  ["the faulty line written anew, elsewhere in the file", diff([], [GUARD[0]]), true],
  ["a further change of the mended line", diff([GUARD[1]], ["const name = user?.profile?.name;"]), false],
  ["the same change in another file", diff([GUARD[1]], [GUARD[0]], "src/other.js"), false],
  ["something else in the file", diff(["return 1;"], ["return 2;"]), false],
  ["the fix itself, once more", fix, false],
  ["no diff at all", "nonsense", false],
])("%s", (_, now, expected) => {
  expect(undoesEarlierPatch(now, [fix])).toBe(expected);
});

it("sees a guard taken out that an earlier fix only added", () => {
  const guard = diff([], ["if (user === undefined) return null;", "}"]);
  expect(undoesEarlierPatch(diff(["if (user === undefined) return null;"], []), [guard])).toBe(true);
  expect(undoesEarlierPatch(diff(["}"], []), [guard])).toBe(false);
});

it("closes a circle over several fixes", () => {
  const a = diff(["return one();"], ["return two();"]);
  const b = diff(["return two();"], ["return three();"]);
  expect(undoesEarlierPatch(diff(["return three();"], ["return one();"]), [a, b])).toBe(true);
});
