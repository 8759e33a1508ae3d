import { describe, expect, it } from "vitest";
import { newFaults } from "../../../src/tools/tests/newFaults.ts";

const run = (code: number, output: string) => ({ end: { kind: "exit", code } as const, output });

describe("new faults of a type check or a linter", () => {
  it.each<[string, [number, string], [number, string], number]>([
    ["green on both", [0, ""], [0, ""], 0],
    ["green on the patch", [2, "a.ts(1,2): error TS1: x"], [0, ""], 0],
    ["the same fault further down", [2, "a.ts(1,2): error TS1: x"], [2, "a.ts(9,7): error TS1: x"], 0],
    [
      "a second one of a kind",
      [2, "a.ts(1,2): error TS1: x"],
      [2, "a.ts(1,2): error TS1: x\na.ts(3,4): error TS1: x"],
      1,
    ],
    ["one gone, another come", [2, "a.ts(1,2): error TS1: x"], [2, "a.ts(1,2): error TS2: y"], 1],
    ["red now", [0, ""], [1, "something is wrong"], 1],
    [
      "sums do not count",
      [1, "/a.js\n  1:2  error  x  no-x\n\n✖ 1 problem"],
      [1, "/a.js\n  5:2  error  x  no-x\n\n✖ 1 problem"],
      0,
    ],
    [
      "eslint's form",
      [1, "/a.js\n  1:2  error  x  no-x"],
      [1, "/a.js\n  1:2  error  x  no-x\n  2:2  warning  y  no-y"],
      1,
    ],
    [
      "pretty tsc",
      [2, "a.ts:1:2 - error TS1: x\nFound 1 error."],
      [2, "a.ts:4:2 - error TS1: x\nb.ts:4:2 - error TS1: x\nFound 2 errors."],
      1,
    ],
    ["mypy's form", [1, "a.py:3: error: x"], [1, "a.py:8: error: x\na.py:9: error: z"], 1],
    ["unknown words, more of them", [1, "bad one"], [1, "bad one\nbad two"], 1],
    ["unknown words, as many", [1, "bad one"], [1, "bad two"], 0],
    ["red with only what was known", [0, "1:1 warning x"], [1, "1:1 warning x"], 1],
  ])("%s", (_name, base, patch, expected) => {
    expect(newFaults(run(...base), run(...patch))).toBe(expected);
  });

  it("says nothing of a run that could not be", () => {
    expect(newFaults(run(0, ""), { end: { kind: "timeout", afterMs: 1 }, output: "error" })).toBe(0);
  });
});
