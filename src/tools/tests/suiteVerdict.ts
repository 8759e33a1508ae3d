import type { SuiteOnPatch } from "./grade.ts";
import { outcomeOf } from "./observeCommand.ts";
import { compareReports, type TestChanges } from "./reports/compare.ts";
import type { TestReport } from "./reports/testReport.ts";
import type { SuiteRun } from "./suiteRuns.ts";

/** A suite that is red on the base counts when its report names the tests that fail: then the others can be compared. */
export function redIsExplained({ observation, report }: SuiteRun): boolean {
  if (outcomeOf(observation.end) !== "failed" || report === null || !report.complete) return false;
  return report.tests.some((test) => test.outcome === "failed") && report.tests.some((t) => t.outcome === "passed");
}

export interface SuiteVerdict {
  how: Extract<SuiteOnPatch, "passed" | "failed" | "infrastructure">;
  /** By name; null: at least one of the runs told no tests, and only the exit codes speak. */
  changes: TestChanges | null;
}

/**
 * Whether everything that passed on the base passes on the patch. The exit code speaks too: what the report does not
 * explain (a crash, a threshold, a step before the tests) is a failure, as it is without a report.
 */
export function suiteVerdict(base: SuiteRun, patch: SuiteRun): SuiteVerdict {
  const end = outcomeOf(patch.observation.end);
  if (end === "infrastructure") return { how: end, changes: null };
  const changes = changesOf(base.report, patch.report);
  const wasGreen = outcomeOf(base.observation.end) === "passed";
  if (changes === null) return { how: wasGreen ? end : "failed", changes };
  const kept = changes.broken.length === 0 && changes.missing.length === 0;
  const explained = end === "passed" || (!wasGreen && changes.stillFailing.length > 0);
  return { how: kept && explained ? "passed" : "failed", changes };
}

/** A base whose report broke off cannot be compared with; a patch's can: what is not in it is missing. */
function changesOf(base: TestReport | null, patch: TestReport | null): TestChanges | null {
  return base?.complete === true && patch !== null ? compareReports(base, patch) : null;
}

/** Whether tests that passed on the base fail in a run of some files; null: the run tells nothing of them. */
export function brokenIn(base: SuiteRun, some: SuiteRun): TestChanges["broken"] | null {
  const changes = changesOf(base.report, some.report);
  if (changes === null || outcomeOf(some.observation.end) === "infrastructure") return null;
  // A test that the base's report does not know may be named otherwise when it runs alone.
  const known = new Set(base.report?.tests.map((test) => test.name));
  return changes.broken.filter((test) => known.has(test.name));
}
