import { describe, expect, it } from "vitest";
import { createRulesReviewer } from "../../../src/agents/securityReviewer/rules.ts";
import { union } from "../../../src/composition/brainFallback.ts";
import type { Finding } from "../../../src/domain/evidence.ts";
import type { Scanner } from "../../../src/domain/ports/scanner.ts";
import { reviewInput } from "../../helpers/reviewInput.ts";

const finding = (rule: string): Finding => ({ rule, weight: "hard", path: "src/a.js", line: 1, message: "m" });
const finds = (name: string, ...rules: string[]): Scanner => ({ name, scan: async () => rules.map(finding) });
const breaks = (name: string): Scanner => ({
  name,
  scan: async () => {
    throw new Error("no such binary");
  },
});

describe("scanners", () => {
  it.each([
    ["all clean", [finds("a"), finds("b")], [], []],
    ["findings add up", [finds("a", "x"), finds("b", "y", "z")], ["x", "y", "z"], []],
    ["one that breaks is named, the others still count", [breaks("a"), finds("b", "y")], ["y"], ["a"]],
    ["all break", [breaks("a"), breaks("b")], [], ["a", "b"]],
    ["none at all is not clean either", [], [], ["scanners"]],
  ] as [string, Scanner[], string[], string[]][])("%s", async (_, scanners, rules, unavailable) => {
    const report = await createRulesReviewer({ scanners }).review(reviewInput());
    expect(report.findings.map((f) => f.rule)).toEqual(rules);
    expect(report.unavailable).toEqual(unavailable);
    expect(report.tokens).toBe(0);
  });

  it("hands every scanner the diff and both trees, and nothing else", async () => {
    const seen: unknown[] = [];
    const spy: Scanner = {
      name: "spy",
      scan: async (change) => {
        seen.push(Object.keys(change).sort());
        return [];
      },
    };
    await createRulesReviewer({ scanners: [spy] }).review(reviewInput());
    expect(seen).toEqual([["after", "before", "diff"]]);
  });

  it("an aborted review is no review", async () => {
    const input = { ...reviewInput(), signal: AbortSignal.abort() };
    await expect(createRulesReviewer({ scanners: [finds("a")] }).review(input)).rejects.toThrow();
  });
});

it("a union keeps every finding and every gap", async () => {
  const both = union([
    createRulesReviewer({ scanners: [finds("a", "x"), breaks("b")] }),
    { name: "model:m", review: async () => ({ findings: [finding("y")], unavailable: ["model"], tokens: 7 }) },
  ]);
  expect(both.name).toBe("rules+model:m");
  const report = await both.review(reviewInput());
  expect(report.findings.map((f) => f.rule)).toEqual(["x", "y"]);
  expect([report.unavailable, report.tokens]).toEqual([["b", "model"], 7]);
});
