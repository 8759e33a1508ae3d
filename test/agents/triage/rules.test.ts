import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { IssueView } from "../../../src/agents/triage/contract.ts";
import { boundSeverity } from "../../../src/agents/triage/model.ts";
import {
  createRulesTriage,
  groupByRules,
  rankOf,
  severityOf,
  severityOfAll,
} from "../../../src/agents/triage/rules.ts";
import { Severity } from "../../../src/domain/ticket.ts";

const view = (index: number, more: Partial<IssueView> = {}): IssueView => ({
  index,
  title: `TypeError: x ${index}`,
  culprit: `f${index} (a${index}.js)`,
  trusted: true,
  level: "error",
  unhandled: false,
  count: 1,
  ratePerMinute: 1,
  frames: [`a${index}.js:f${index}`],
  innermost: "TypeError",
  ...more,
});

describe("severity", () => {
  const cases: [string, Partial<IssueView>, Severity][] = [
    ["the process died", { level: "fatal" }, "critical"],
    ["50 a minute", { ratePerMinute: 50, count: 50 }, "critical"],
    ["50 a minute of a warning", { level: "warning", ratePerMinute: 50, count: 50 }, "critical"],
    ["a burst too short to be a rate", { ratePerMinute: 240, count: 9 }, "medium"],
    ["a burst long enough for high", { ratePerMinute: 240, count: 10 }, "high"],
    ["not caught", { unhandled: true }, "high"],
    ["not caught, only a warning", { unhandled: true, level: "warning" }, "high"],
    ["10 a minute", { ratePerMinute: 10, count: 300 }, "high"],
    ["just under 10 a minute", { ratePerMinute: 9.9, count: 300 }, "medium"],
    ["a caught error", {}, "medium"],
    ["a warning", { level: "warning" }, "low"],
    ["an info", { level: "info" }, "low"],
    ["debug", { level: "debug" }, "low"],
  ];
  it.each(cases)("%s", (_, more, severity) => {
    expect(severityOf(view(0, more))).toBe(severity);
  });
});

describe("a flood from a public key", () => {
  const flood = { trusted: false, level: "fatal", unhandled: true, count: 900, ratePerMinute: 900 } as const;
  it("does not make a trusted problem worse", () => {
    expect(severityOfAll([view(0, flood), view(1, { level: "warning" })])).toBe("low");
    expect(severityOfAll([view(0, flood)])).toBe("critical");
  });
});

describe("groups", () => {
  const indices = (views: IssueView[]) => groupByRules(views).map((group) => group.issues);
  const sharing = (n: number, innermost: string) => Array.from({ length: n }, (_, i) => view(i, { innermost }));

  it("one place and one type are one root cause, whatever the messages say", () => {
    const frames = ["cart.js:total"];
    expect(indices([view(0, { frames }), view(1), view(2, { frames })])).toEqual([[0, 2], [1]]);
  });

  it("what many callers made of one fault is one root cause, also of a type that any bug can have", () => {
    const origin = "db.js:acquire";
    expect(indices([view(0, { origin }), view(1), view(2, { origin }), view(3, { frames: [origin] })])).toEqual([
      [0, 2, 3],
      [1],
    ]);
    expect(indices([view(0, { origin }), view(1, { origin: "db.js:release" })])).toEqual([[0], [1]]);
  });

  it("another type at the same place is another root cause", () => {
    const frames = ["cart.js:total"];
    expect(indices([view(0, { frames }), view(1, { frames, innermost: "RangeError" })])).toEqual([[0], [1]]);
  });

  it("without frames the culprit is the place, and without that each Issue stands alone", () => {
    expect(indices([view(0, { frames: [], culprit: "x" }), view(1, { frames: [], culprit: "x" })])).toEqual([[0, 1]]);
    expect(indices([view(0, { frames: [], culprit: "" }), view(1, { frames: [], culprit: "" })])).toEqual([[0], [1]]);
  });

  it.each([
    ["PoolExhausted", 4, 4],
    ["PoolExhausted", 5, 1],
    ["DBConnection.ConnectionError", 8, 1],
    ["TypeError", 8, 8],
    ["Error", 8, 8],
    ["java.lang.NullPointerException", 8, 8],
    ["", 8, 8],
  ])("%s shared by %i families makes %i groups", (innermost, families, groups) => {
    expect(indices(sharing(families, innermost))).toHaveLength(groups);
  });

  it("the worst Issue speaks for its group, and the worst group comes first", () => {
    const frames = ["cart.js:total"];
    const groups = groupByRules([
      view(0, { level: "info" }),
      view(1, { frames, count: 9 }),
      view(2, { frames, unhandled: true }),
    ]);
    expect(groups.map(({ issues, severity, title }) => ({ issues, severity, title }))).toEqual([
      { issues: [1, 2], severity: "high", title: "TypeError: x 2" },
      { issues: [0], severity: "low", title: "TypeError: x 0" },
    ]);
    expect(groups[0]?.rootCause).toBe("TypeError thrown in cart.js:total");
  });

  it("puts every Issue into exactly one group, whatever they are", () => {
    const word = fc.constantFrom("", "a", "b", "incident", "PoolExhausted", "TypeError");
    const views = fc
      .array(
        fc.record({
          innermost: word,
          culprit: word,
          frames: fc.array(word, { maxLength: 2 }),
          level: word,
          unhandled: fc.boolean(),
        }),
      )
      .map((parts) => parts.map((part, index) => view(index, part)));
    fc.assert(
      fc.property(views, (all) => {
        const seen = indices(all)
          .flat()
          .sort((a, b) => a - b);
        expect(seen).toEqual(all.map((v) => v.index));
      }),
    );
  });

  it("costs no tokens", async () => {
    expect(await createRulesTriage().triage([view(0)], new AbortController().signal)).toMatchObject({ tokens: 0 });
  });
});

describe("what a model may make of a severity", () => {
  it.each([
    ["low", "critical", "critical"],
    ["low", "high", "high"],
    ["critical", "high", "critical"],
    ["critical", "medium", "medium"],
    ["high", "medium", "medium"],
    ["critical", "low", "medium"],
    ["medium", "low", "medium"],
    ["low", "low", "low"],
  ] as const)("says %s where the rules say %s: %s", (said, byRules, bound) => {
    expect(boundSeverity(said, byRules)).toBe(bound);
  });

  it("is never less than the rules, never over the line above which deployments are automatic", () => {
    const severity = fc.constantFrom(...Severity.options);
    fc.assert(
      fc.property(severity, severity, (said, byRules) => {
        const rank = rankOf(boundSeverity(said, byRules));
        expect(rank).toBeLessThanOrEqual(rankOf(byRules));
        if (rankOf(byRules) > rankOf("high")) expect(rank).toBeGreaterThan(rankOf("high"));
      }),
    );
  });
});
