import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Fingerprint } from "../../src/domain/issue.ts";
import { type TaughtRule, taught } from "../../src/domain/taughtRule.ts";

function rule(kind: "merge" | "split", family: string, into: string, more: Partial<TaughtRule> = {}): TaughtRule {
  return {
    id: `${kind} ${family} ${into} ${more.strict ?? ""}`,
    kind,
    project: "p",
    service: "s",
    family,
    strict: kind === "merge" ? null : "v1",
    into,
    intoFormer: [],
    issueId: `issue ${family}`,
    intoIssueId: `issue ${into}`,
    by: "ann",
    at: 1,
    reason: "",
    undoneAt: null,
    settled: true,
    ...more,
  };
}

const print = (family: string, strict = "v1", former?: string[]): Fingerprint => ({
  algorithm: 2,
  family,
  strict,
  why: "E in f: m",
  ...(former && { former }),
});

describe("what people taught", () => {
  const merged = rule("merge", "a", "b");
  const split = rule("split", "a", "n");
  test.each<[string, Fingerprint, TaughtRule[], string]>([
    ["nothing", print("a"), [], "a"],
    ["a merge", print("a"), [merged], "b"],
    ["a merge says nothing of others", print("c"), [merged], "c"],
    ["merges of merges", print("a"), [rule("merge", "b", "c"), merged], "c"],
    ["a split of its variant only", print("a", "v1"), [split], "n"],
    ["a split of its variant only", print("a", "v2"), [split], "a"],
    ["a split counts before a merge", print("a", "v1"), [merged, split], "n"],
    ["and the merge holds for the other variants", print("a", "v2"), [merged, split], "b"],
    ["what was split off may be merged elsewhere", print("a", "v1"), [split, rule("merge", "n", "c")], "c"],
    ["the newer word counts", print("a"), [rule("merge", "a", "c", { at: 2 }), merged], "c"],
    ["an Issue that began under a former algorithm", print("new", "v1", ["a"]), [merged], "b"],
    ["its own family counts before a former one", print("b", "v1", ["a"]), [merged, rule("merge", "b", "c")], "c"],
    ["a circle ends at the least of it", print("b"), [rule("merge", "b", "c"), rule("merge", "c", "b")], "b"],
  ])("%s: %o", (_what, given, rules, family) => {
    expect(taught(given, rules).family).toBe(family);
  });

  test("says who and what in the reason, and is found where the target began under a former algorithm", () => {
    expect(taught(print("a"), [rule("merge", "a", "b", { intoFormer: ["b1"] })])).toMatchObject({
      why: "E in f: m | issue issue a merged by ann",
      former: ["b1"],
    });
    expect(taught(print("a"), [split]).why).toContain("split from issue issue a by ann");
    expect(taught(print("a", "v1", ["a1"]), [split])).not.toHaveProperty("former");
  });

  const family = fc.constantFrom("a", "b", "c", "d", "e");
  const strict = fc.constantFrom("v1", "v2");
  const rules = fc.uniqueArray(
    fc.record({
      kind: fc.constantFrom("merge" as const, "split" as const),
      family,
      into: family,
      strict,
      at: fc.nat(3),
    }),
    { maxLength: 12, selector: (one) => JSON.stringify(one) },
  );
  const made = rules.map((list) =>
    list.map(({ kind, family: of, into, strict: variant, at }) =>
      rule(kind, of, into, {
        at,
        strict: kind === "merge" ? null : variant,
        id: `${kind} ${of} ${into} ${variant} ${at}`,
      }),
    ),
  );

  test("the order of the rules does not matter, and doing it again changes no family", () => {
    fc.assert(
      fc.property(made, fc.nat(), family, strict, (list, seed, of, variant) => {
        const shuffled = list.toSorted(
          (a, b) => ((a.at + seed) % 3) - ((b.at + seed) % 3) || (a.into < b.into ? 1 : -1),
        );
        const once = taught(print(of, variant), list);
        expect(taught(print(of, variant), shuffled)).toEqual(once);
        expect(taught(once, list).family).toBe(once.family);
        expect(once.why.length).toBeLessThanOrEqual(512);
      }),
      { numRuns: 2000 },
    );
  });
});
