import { describe, expect, it } from "vitest";
import { applyEdits } from "../../src/repair/edits.ts";
import { lineBefore } from "../../src/repair/restoreRemovedGuard.ts";

const file = "src/a.js";
const reverse = (now: string[], before: string[]) =>
  [
    `diff --git a/${file} b/${file}`,
    "index 1..2 100644",
    `--- a/${file}`,
    `+++ b/${file}`,
    "@@ -1,3 +1,3 @@",
    " function f(user) {",
    ...now.map((line) => `-${line}`),
    ...before.map((line) => `+${line}`),
    " }",
    "",
  ].join("\n");
const text = (lines: string[]) => `function f(user) {\n${lines.join("\n")}\n}\n`;

function formerOf(now: string[], before: string[], line = 2) {
  const former = { reverse: reverse(now, before), commit: "abcdef0123456789", subject: "Tidy up" };
  const found = lineBefore(former, { file, line }, text(now));
  return found === null ? null : applyEdits(text(now), found.edits);
}

describe("what the crashing line was before", () => {
  it.each([
    ["a guard", ["  return user.city.name;"], ["  return user.city && user.city.name;"]],
    ["a chain", ["  return user.city.name;"], ["  return user?.city?.name;"]],
    [
      "a default",
      ["  const n = user.names;", "  return n.length;"],
      ["  const n = user.names || [];", "  return n.length;"],
    ],
    ["Python's", ["  return user['city']"], ["  return user.get('city')"]],
  ])("comes back where a commit took %s away", (_, now, before) => {
    expect(formerOf(now, before)).toBe(text(before));
  });

  it.each([
    ["did not", ["  return user.city.name;"], ["  return user.town.name;"]],
    [
      "wrote something else there",
      ["  return user.city;"],
      ["  if (!ready || !loaded && pending) throw new Error('later, please');"],
    ],
    ["wrote it anew", ["  return user.city;"], []],
    ["changed much", Array(9).fill("  go(user.a);"), Array(9).fill("  user.a && go(user.a);")],
  ])("is no matter where the commit %s", (_, now, before) => {
    expect(formerOf(now, before)).toBeNull();
  });

  it("needs the crashing line to be in it, where the frame says", () => {
    expect(formerOf(["  return user.city.name;"], ["  return user.city && user.city.name;"], 1)).toBeNull();
  });
});
