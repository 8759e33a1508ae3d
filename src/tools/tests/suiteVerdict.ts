import type { SuiteOnPatch } from "./grade.ts";
import { outcomeOf } from "./observeCommand.ts";
import { compareReports, type TestChanges } from "./reports/compare.ts";
import type { TestReport } from "./reports/testReport.ts";
import type { SuiteRun } from "./suiteRunner.ts";

/**
 * Whether a suite that fails on the base is still usable: its report is complete and names failing and passing tests,
 * so the passing ones can be compared.
 */
export function redIsExplained({ observation, report }: SuiteRun): boolean {
  if (outcomeOf(observation.end) !== "failed" || report === null || !report.complete) return false;
  return report.tests.some((test) => test.outcome === "failed") && report.tests.some((t) => t.outcome === "passed");
}

/** The suite's result on the patch, compared with the base. */
export interface SuiteVerdict {
  how: Extract<SuiteOnPatch, "passed" | "failed" | "infrastructure">;
  /** Changes by test name; null when a run reported no tests, so that only exit codes count. */
  changes: TestChanges | null;
}

/**
 * Whether everything that passed on the base passes on the patch. The exit code counts too: a failure that the report
 * does not explain (a crash, a threshold, a step before the tests) is a failure, as it is without a report.
 */
export function suiteVerdict(base: SuiteRun, patch: SuiteRun): SuiteVerdict {
  const end = outcomeOf(patch.observation.end);
  if (end === "infrastructure") return { how: end, changes: null };
  const changes = changesOf(base.report, patch.report);
  const wasGreen = outcomeOf(base.observation.end) === "passed";
  if (ranLess(base, patch)) return { how: "failed", changes };
  if (changes === null) return { how: wasGreen ? end : "failed", changes };
  const kept = changes.broken.length === 0 && changes.missing.length === 0;
  const explained = end === "passed" || (!wasGreen && changes.stillFailing.length > 0);
  return { how: kept && explained ? "passed" : "failed", changes };
}

/**
 * Whether the run on the patch executed fewer tests than the base's, or no longer tells them: an early exit with 0 does
 * both.
 */
export function ranLess(base: SuiteRun, patch: SuiteRun): boolean {
  if (base.executed === null) return patch.executed === 0;
  if (patch.executed === null) return base.report?.complete === true;
  return patch.executed < base.executed;
}

/**
 * An incomplete report of the base cannot be compared. An incomplete report of the patch can: tests it lacks are
 * missing.
 */
function changesOf(base: TestReport | null, patch: TestReport | null): TestChanges | null {
  return base?.complete === true && patch !== null ? compareReports(base, patch) : null;
}

/**
 * The base's tests that fail in a run of some files, and did not fail on the base. null if the run says nothing about
 * tests.
 */
export function brokenIn(base: SuiteRun, some: SuiteRun): TestChanges["broken"] | null {
  const changes = changesOf(base.report, some.report);
  if (changes === null || outcomeOf(some.observation.end) === "infrastructure") return null;
  // A test that the base's report lacks may have another name when it runs alone.
  const known = new Set(base.report?.tests.map((test) => test.name));
  return changes.broken.filter((test) => known.has(test.name));
}
