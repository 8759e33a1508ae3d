import { describe, expect, it } from "vitest";
import { compareReports, countTests } from "../../../../src/tools/tests/reports/compare.ts";
import type { TestOutcome, TestReport } from "../../../../src/tools/tests/reports/testReport.ts";

const SIGNS: Record<string, TestOutcome> = { "+": "passed", "-": "failed", "?": "skipped" };
/** `+a -b ?c`: a passed, b failed, c was skipped. */
const report = (text: string): TestReport => ({
  format: "tap",
  complete: true,
  tests: text
    .split(" ")
    .filter((word) => word !== "")
    .map((word) => ({ name: word.slice(1), file: null, outcome: SIGNS[word[0] ?? ""] ?? "skipped" })),
});

describe("the base's tests on the patch", () => {
  it.each<[string, string, string, { broken?: string; missing?: string; mended?: string; still?: string }]>([
    ["nothing changes", "+a -b ?c", "+a -b ?c", { still: "b" }],
    ["a test breaks", "+a +b", "+a -b", { broken: "b" }],
    ["a test is gone", "+a +b", "+a", { missing: "b" }],
    ["a test that passed is skipped", "+a +b", "+a ?b", { missing: "b" }],
    ["a failing test is gone", "+a -b", "+a", {}],
    ["a failing test is mended", "+a -b", "+a +b", { mended: "b" }],
    ["a new test passes", "+a", "+a +n", {}],
    ["a new test fails", "+a", "+a -n", { broken: "n" }],
    ["one of two of a name breaks", "+a +a", "+a -a", { broken: "a" }],
    ["one of two of a name is gone", "+a +a", "+a", { missing: "a" }],
    ["one of two of a name is mended", "+a -a", "+a +a", { mended: "a" }],
    ["a skipped test fails now", "?a", "-a", { broken: "a" }],
    ["a flood of others hides nothing", "+a +b", "+a +c +d -b", { broken: "b" }],
  ])("%s", (_name, base, patch, { broken = "", missing = "", mended = "", still = "" }) => {
    const changes = compareReports(report(base), report(patch));
    expect(changes.broken.map((test) => test.name).join()).toBe(broken);
    expect(changes.missing.join()).toBe(missing);
    expect(changes.mended.join()).toBe(mended);
    expect(changes.stillFailing.join()).toBe(still);
  });

  it.each([
    ["a second file names the first one's tests anew", "+a -b", "+one›a -one›b +two›c", { still: "b" }],
    ["and one of them fails now", "+a", "-one›a +two›c", { broken: "a" }],
    ["and one of them is gone", "+a +b", "+one›a +two›c", { missing: "b" }],
    ["both had it", "+one›a +two›a", "+one›a -two›a", { broken: "two › a" }],
  ])("ava: %s", (_name, base, patch, { broken = "", missing = "", still = "" }: Record<string, string>) => {
    const named = (text: string): TestReport => {
      const plain = report(text);
      return { ...plain, tests: plain.tests.map((test) => ({ ...test, name: test.name.replace("›", " › ") })) };
    };
    const changes = compareReports(named(base), named(patch));
    expect(changes.broken.map((test) => test.name).join()).toBe(broken);
    expect(changes.missing.join()).toBe(missing);
    expect(changes.stillFailing.join()).toBe(still);
  });

  it("counts", () => {
    expect(countTests(report("+a +b -c ?d"))).toEqual({ passed: 2, failed: 1, skipped: 1 });
  });
});
