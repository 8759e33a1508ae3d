import type { Grade } from "../../domain/evidence.ts";
import type { ReproductionOrigin } from "../../domain/reproduction.ts";

/**
 * The suite's result on the patch. flaky: failed once, then passed twice in a row. unstable: failed once, and did not
 * pass twice in a row.
 */
export type SuiteOnPatch = "passed" | "flaky" | "unstable" | "failed" | "infrastructure" | "notRun";
type Outcome = "passed" | "failed" | "infrastructure";

/** The result of a type check or a linter. */
interface CheckSeen {
  base: Outcome;
  patch: Outcome | "notRun";
  /** Faults that the base does not have. */
  newFaults: number;
}

/** The observations about one Patch that its grade depends on. */
export interface Observed {
  applies: boolean;
  build: Outcome | "notConfigured";
  /** null: the service has no suite. */
  suite: {
    source: "configured" | "detected";
    base: Outcome;
    patch: SuiteOnPatch;
    /** The suite fails on the base, but its report names the failing tests, so the other tests can be compared. */
    redExplained: boolean;
    /** Whether both runs reported their tests by name. */
    byName: boolean;
    /** Whether tests that passed on the base are missing on the patch. */
    testsMissing: boolean;
    /** How many tests the suite executed on the base; null: this cannot be told. */
    executed: number | null;
  } | null;
  /** null: there is no reproduction. base: whether it showed this exception at this place. */
  reproduction: {
    base: "yes" | "no" | "otherFailure" | "infrastructure";
    patch: Outcome | "notRun";
    /** Default: captured. */
    origin?: ReproductionOrigin;
  } | null;
  touchesExistingTests: boolean;
  /** Whether the patch changes or removes files of the base that judge it. */
  judgeTouched: boolean;
  /** null: not configured. */
  typeCheck: CheckSeen | null;
  lint: CheckSeen | null;
  /** Whether it was measured which changed lines ran. */
  coverageMeasured: boolean;
}

/** Every name that `Evidence.shortfalls` can contain, with its meaning. */
const SHORTFALLS = {
  notRunForT0: "the event has a public key, and the sandbox is not strong enough to run code for it",
  doesNotApply: "the patch does not apply to the base",
  buildFailed: "the build fails on the patch",
  noSuite: "the service has no test suite",
  suiteUnusable: "the suite says nothing: it executes no test, or it was only found, and does not pass on the base",
  suiteRedOnBase: "the configured test suite fails on the base already",
  suiteFails: "the test suite fails on the patch",
  testsMissing: "tests that passed on the base are gone or skipped on the patch",
  flakySuite: "the test suite failed once and passed when run again",
  noReproduction: "nothing reproduces the exception",
  notReproducedOnBase: "the reproduction does not fail on the base",
  reproducesOtherFailure: "the reproduction fails on the base, but not with this exception at this place",
  reproductionFails: "the reproduction still fails on the patch",
  constructedInput: "the input that reproduces the exception was constructed, not captured",
  newTypeFaults: "the type check finds faults on the patch that it does not find on the base",
  newLintFaults: "the linter finds faults on the patch that it does not find on the base",
  touchesExistingTests: "the patch changes or removes existing tests",
  judgeTouched: "the patch changes or removes files that judge it: they were taken from the base",
} as const;
/** A name that `Evidence.shortfalls` can contain. */
export type Shortfall = keyof typeof SHORTFALLS;

/** Every name that `Evidence.notChecked` can contain, with its meaning. */
export const NOT_CHECKED = {
  build: "no build was run on the patch",
  suite: "the suite was not run on the patch",
  reproduction: "the reproduction was not run on the patch",
  testsCounted: "it was not told how many tests the suite executed",
  testsByName: "the suite does not tell its tests: only its exit code was compared",
  typeCheck: "no type check was run on the patch",
  lint: "no linter was run on the patch",
  coverage: "it was not measured whether the changed lines ran",
} as const;
type NotChecked = keyof typeof NOT_CHECKED;

/** A grade, and what lowers or limits it. */
export interface Grading {
  grade: Grade;
  shortfalls: Shortfall[];
  notChecked: NotChecked[];
  /** Steps that did not run properly. They are evidence for neither side. */
  infrastructure: (
    | "build"
    | "suite on the base"
    | "suite on the patch"
    | "reproduction on the base"
    | "reproduction on the patch"
    | "type check"
    | "linter"
  )[];
}

/**
 * The grade of the observations. none: the patch does not apply, its build fails, or it has new type faults. E0: it
 * applies. E1: the suite passes as on the base. E2: also, the reproduction fails on the base and passes on the patch,
 * and no file that judges is touched (without a usable suite, E2 needs only these). E3 is given after the deployment, by
 * the verifier. With an infrastructure failure the grade is at most E0. See docs/gates.md.
 */
export function gradeOf(seen: Observed): Grading {
  const infrastructure = infrastructureOf(seen);
  const shortfalls = shortfallsOf(seen);
  const notChecked = notCheckedOf(seen);
  return {
    grade: seen.applies ? gradeOfApplied(seen, infrastructure.length > 0) : "none",
    shortfalls,
    notChecked,
    infrastructure,
  };
}

function gradeOfApplied(seen: Observed, infrastructure: boolean): Grade {
  if (seen.build === "failed" || seen.build === "infrastructure") return "none";
  if ((seen.typeCheck?.newFaults ?? 0) > 0) return "none";
  if (infrastructure) return "E0";
  const usable = isUsable(seen.suite);
  const suiteHolds = usable && canCompare(seen.suite) && ["passed", "flaky"].includes(seen.suite?.patch ?? "notRun");
  const healed = seen.reproduction?.base === "yes" && seen.reproduction.patch === "passed";
  if (healed && (suiteHolds || !usable) && !seen.touchesExistingTests && !seen.judgeTouched) return "E2";
  return suiteHolds ? "E1" : "E0";
}

/**
 * A command that executes no test does not count as a suite, and neither does a detected one that does not pass on the
 * base and does not name its failing tests.
 */
function isUsable(suite: Observed["suite"]): boolean {
  return suite !== null && suite.executed !== 0 && (suite.source === "configured" || canCompare(suite));
}

/** Whether the suite's result on the patch can be compared with its result on the base. */
function canCompare(suite: Observed["suite"]): boolean {
  return suite !== null && (suite.base === "passed" || suite.redExplained);
}

function infrastructureOf({ build, suite, reproduction, typeCheck, lint }: Observed): Grading["infrastructure"] {
  const found: Grading["infrastructure"] = [];
  if (build === "infrastructure") found.push("build");
  if (isUsable(suite) && suite?.base === "infrastructure") found.push("suite on the base");
  if (isUsable(suite) && suite?.patch === "infrastructure") found.push("suite on the patch");
  if (reproduction?.base === "infrastructure") found.push("reproduction on the base");
  if (reproduction?.patch === "infrastructure") found.push("reproduction on the patch");
  if (isBroken(typeCheck)) found.push("type check");
  if (isBroken(lint)) found.push("linter");
  return found;
}

function isBroken(check: CheckSeen | null): boolean {
  return check?.base === "infrastructure" || check?.patch === "infrastructure";
}

function shortfallsOf(seen: Observed): Shortfall[] {
  const { applies, build, suite, reproduction, touchesExistingTests, typeCheck, lint } = seen;
  const conditions: [Shortfall, boolean][] = [
    ["doesNotApply", !applies],
    ["buildFailed", build === "failed"],
    ["noSuite", suite === null],
    ["suiteUnusable", suite !== null && !isUsable(suite)],
    ["suiteRedOnBase", isUsable(suite) && suite?.base === "failed"],
    ["suiteFails", isUsable(suite) && (suite?.patch === "failed" || suite?.patch === "unstable")],
    ["testsMissing", isUsable(suite) && suite?.testsMissing === true],
    ["flakySuite", isUsable(suite) && (suite?.patch === "flaky" || suite?.patch === "unstable")],
    ["noReproduction", reproduction === null],
    ["notReproducedOnBase", reproduction?.base === "no"],
    ["reproducesOtherFailure", reproduction?.base === "otherFailure"],
    ["reproductionFails", reproduction?.patch === "failed"],
    ["constructedInput", reproduction?.base === "yes" && reproduction.origin === "constructed"],
    ["newTypeFaults", (typeCheck?.newFaults ?? 0) > 0],
    ["newLintFaults", (lint?.newFaults ?? 0) > 0],
    ["touchesExistingTests", touchesExistingTests],
    ["judgeTouched", seen.judgeTouched],
  ];
  return conditions.flatMap(([name, holds]) => (holds ? [name] : []));
}

function notCheckedOf(seen: Observed): NotChecked[] {
  const { applies, build, suite, reproduction, typeCheck, lint } = seen;
  const conditions: [NotChecked, boolean][] = [
    ["build", build === "notConfigured" || !applies],
    ["suite", suite === null || suite.patch === "notRun"],
    ["reproduction", reproduction === null || reproduction.patch === "notRun"],
    ["testsCounted", suite !== null && suite.patch !== "notRun" && suite.executed === null],
    ["testsByName", suite !== null && suite.patch !== "notRun" && !suite.byName],
    ["typeCheck", typeCheck === null || typeCheck.patch === "notRun"],
    ["lint", lint === null || lint.patch === "notRun"],
    ["coverage", !seen.coverageMeasured],
  ];
  return conditions.flatMap(([name, holds]) => (holds ? [name] : []));
}
