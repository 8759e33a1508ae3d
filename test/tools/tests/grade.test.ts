import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { atLeast } from "../../../src/domain/evidence.ts";
import { gradeOf, type Observed } from "../../../src/tools/tests/grade.ts";

const SUITE = {
  source: "configured",
  base: "passed",
  patch: "passed",
  redExplained: false,
  byName: true,
  testsMissing: false,
  executed: 12,
} as const;
const CLEAN = { base: "passed", patch: "passed", newFaults: 0 } as const;
const BEST: Observed = {
  applies: true,
  build: "passed",
  suite: SUITE,
  reproduction: { base: "yes", patch: "passed" },
  touchesExistingTests: false,
  judgeTouched: false,
  typeCheck: CLEAN,
  lint: CLEAN,
  coverageMeasured: true,
};
const suite = (more: Partial<NonNullable<Observed["suite"]>>) => ({ suite: { ...SUITE, ...more } });
const RED = { base: "failed", redExplained: true } as const;
const reproduction = (base: string, patch: string) => ({ reproduction: { base, patch } as Observed["reproduction"] });

describe("gradeOf", () => {
  it.each<[string, Partial<Observed>, string, string[]]>([
    ["everything", {}, "E2", []],
    ["no build configured", { build: "notConfigured" }, "E2", []],
    ["the patch does not apply", { applies: false }, "none", ["doesNotApply"]],
    ["the build fails", { build: "failed" }, "none", ["buildFailed"]],
    ["no reproduction", { reproduction: null }, "E1", ["noReproduction"]],
    ["a suite of no test", suite({ executed: 0, patch: "notRun" }), "E2", ["suiteUnusable"]],
    ["no suite", { suite: null }, "E2", ["noSuite"]],
    ["neither", { suite: null, reproduction: null }, "E0", ["noSuite", "noReproduction"]],
    ["the suite breaks", suite({ patch: "failed" }), "E0", ["suiteFails"]],
    ["the suite is red on the base", suite({ base: "failed", patch: "notRun" }), "E0", ["suiteRedOnBase"]],
    ["a flaky suite", suite({ patch: "flaky" }), "E2", ["flakySuite"]],
    ["an unstable suite", suite({ patch: "unstable" }), "E0", ["suiteFails", "flakySuite"]],
    ["a found suite, red", suite({ source: "detected", base: "failed", patch: "notRun" }), "E2", ["suiteUnusable"]],
    [
      "a found suite, tool missing",
      suite({ source: "detected", base: "infrastructure", patch: "notRun" }),
      "E2",
      ["suiteUnusable"],
    ],
    ["a found suite breaks", suite({ source: "detected", patch: "failed" }), "E0", ["suiteFails"]],
    ["green on the base", reproduction("no", "passed"), "E1", ["notReproducedOnBase"]],
    ["another failure on the base", reproduction("otherFailure", "notRun"), "E1", ["reproducesOtherFailure"]],
    [
      "a constructed input",
      { reproduction: { base: "yes", patch: "passed", origin: "constructed" } },
      "E2",
      ["constructedInput"],
    ],
    ["still red", { ...reproduction("yes", "failed"), ...suite({ patch: "notRun" }) }, "E0", ["reproductionFails"]],
    ["red on the base, by name nothing breaks", suite(RED), "E2", ["suiteRedOnBase"]],
    ["red on the base, a test breaks", suite({ ...RED, patch: "failed" }), "E0", ["suiteRedOnBase", "suiteFails"]],
    ["a found suite, red, by name", suite({ ...RED, source: "detected" }), "E2", ["suiteRedOnBase"]],
    [
      "a found suite, red, a test breaks",
      suite({ ...RED, source: "detected", patch: "failed" }),
      "E0",
      ["suiteRedOnBase", "suiteFails"],
    ],
    ["a test is gone", suite({ patch: "failed", testsMissing: true }), "E0", ["suiteFails", "testsMissing"]],
    ["new faults of types", { typeCheck: { ...CLEAN, patch: "failed", newFaults: 1 } }, "none", ["newTypeFaults"]],
    ["old faults of types", { typeCheck: { base: "failed", patch: "failed", newFaults: 0 } }, "E2", []],
    ["new faults of lint", { lint: { ...CLEAN, patch: "failed", newFaults: 2 } }, "E2", ["newLintFaults"]],
    ["an existing test touched", { touchesExistingTests: true }, "E1", ["touchesExistingTests"]],
  ])("%s", (_name, seen, grade, shortfalls) => {
    expect(gradeOf({ ...BEST, ...seen })).toMatchObject({ grade, shortfalls, infrastructure: [] });
  });

  it.each<[string, Partial<Observed>, string]>([
    ["build", { build: "infrastructure" }, "build"],
    ["suite hangs on the base", suite({ base: "infrastructure", patch: "notRun" }), "suite on the base"],
    ["suite hangs on the patch", suite({ patch: "infrastructure" }), "suite on the patch"],
    ["reproduction on the base", reproduction("infrastructure", "notRun"), "reproduction on the base"],
    ["reproduction on the patch", reproduction("yes", "infrastructure"), "reproduction on the patch"],
    ["type check", { typeCheck: { ...CLEAN, base: "infrastructure", patch: "notRun" } }, "type check"],
    ["linter", { lint: { ...CLEAN, patch: "infrastructure" } }, "linter"],
  ])("infrastructure: %s", (_name, seen, where) => {
    const { grade, infrastructure } = gradeOf({ ...BEST, ...seen });
    expect(infrastructure).toEqual([where]);
    expect(atLeast("E0", grade)).toBe(true);
  });

  it("names what was not checked", () => {
    expect(gradeOf({ ...BEST, suite: null, reproduction: null, build: "notConfigured" }).notChecked).toEqual([
      "build",
      "suite",
      "reproduction",
    ]);
    expect(gradeOf(BEST).notChecked).toEqual([]);
    expect(gradeOf({ ...BEST, ...suite({ byName: false }) }).notChecked).toEqual(["testsByName"]);
    const bare = { ...BEST, typeCheck: null, lint: null, coverageMeasured: false };
    expect(gradeOf(bare).notChecked).toEqual(["typeCheck", "lint", "coverage"]);
  });
});

/** Each list from best to worst. Whether a found suite passes on the base decides if there is a suite at all, so it is no better or worse. */
const ORDERS = {
  applies: [true, false],
  build: ["passed", "failed", "infrastructure"],
  suitePatch: ["passed", "flaky", "unstable", "failed", "infrastructure"],
  suiteBase: ["passed", "failed", "infrastructure"],
  reproductionBase: ["yes", "otherFailure", "no", "infrastructure"],
  reproductionPatch: ["passed", "failed", "infrastructure"],
  touches: [false, true],
  redExplained: [true, false],
  typeFaults: [0, 1],
  lint: ["passed", "infrastructure"],
} as const;
type Level = Record<keyof typeof ORDERS, number>;

const observedAt = (at: Level, source: "configured" | "detected", has: { suite: boolean; reproduction: boolean }) => {
  const pick = <K extends keyof typeof ORDERS>(key: K) => ORDERS[key][at[key]];
  return {
    applies: pick("applies"),
    build: pick("build"),
    suite: has.suite
      ? {
          ...SUITE,
          source,
          base: source === "detected" ? "passed" : pick("suiteBase"),
          patch: pick("suitePatch"),
          redExplained: pick("suiteBase") === "failed" && pick("redExplained"),
        }
      : null,
    reproduction: has.reproduction ? { base: pick("reproductionBase"), patch: pick("reproductionPatch") } : null,
    touchesExistingTests: pick("touches"),
    typeCheck: { ...CLEAN, newFaults: pick("typeFaults") },
    lint: { ...CLEAN, patch: pick("lint") },
    coverageMeasured: true,
  } as Observed;
};
const level = fc.record(
  Object.fromEntries(
    Object.entries(ORDERS).map(([key, order]) => [key, fc.integer({ min: 0, max: order.length - 1 })]),
  ),
) as fc.Arbitrary<Level>;

describe("gradeOf, as a rule", () => {
  it("never rises when an observation gets worse", () => {
    const key = fc.constantFrom(...(Object.keys(ORDERS) as (keyof typeof ORDERS)[]));
    const has = fc.record({ suite: fc.boolean(), reproduction: fc.boolean() });
    fc.assert(
      fc.property(
        level,
        key,
        fc.constantFrom("configured" as const, "detected" as const),
        has,
        (at, worse, source, what) => {
          const next = Math.min(at[worse] + 1, ORDERS[worse].length - 1);
          const before = gradeOf(observedAt(at, source, what)).grade;
          const after = gradeOf(observedAt({ ...at, [worse]: next }, source, what)).grade;
          return atLeast(before, after);
        },
      ),
      { numRuns: 5000 },
    );
  });

  it("is never above E0 with an infrastructure failure, and never E2 without a reproduction that went from red to green", () => {
    const has = fc.record({ suite: fc.boolean(), reproduction: fc.boolean() });
    fc.assert(
      fc.property(level, fc.constantFrom("configured" as const, "detected" as const), has, (at, source, what) => {
        const seen = observedAt(at, source, what);
        const { grade, infrastructure } = gradeOf(seen);
        if (infrastructure.length > 0 && !atLeast("E0", grade)) return false;
        return grade !== "E2" || (seen.reproduction?.base === "yes" && seen.reproduction.patch === "passed");
      }),
      { numRuns: 5000 },
    );
  });
});
