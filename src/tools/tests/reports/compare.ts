import type { TestReport, TestResult } from "./testReport.ts";

/** How the base's tests changed on the patch. Sorted by name, each name once. */
export interface TestChanges {
  /** Fail on the patch. On the base they passed or did not exist. */
  broken: TestResult[];
  /** Passed on the base. On the patch they are skipped or do not exist. */
  missing: string[];
  /** Failed on the base, and pass on the patch. */
  mended: string[];
  /** Fail on both. */
  stillFailing: string[];
}

interface Tally {
  passed: number;
  failed: number;
  sample: TestResult;
}

/** Compares two reports by test name. Tests with the same name are compared by how many of them pass and fail. */
export function compareReports(base: TestReport, patch: TestReport): TestChanges {
  const [before, after] =
    isPrefixed(base) === isPrefixed(patch)
      ? [tallyOf(base), tallyOf(patch)]
      : [tallyOf(withoutFile(base)), tallyOf(withoutFile(patch))];
  const changes: TestChanges = { broken: [], missing: [], mended: [], stillFailing: [] };
  for (const name of [...new Set([...before.keys(), ...after.keys()])].sort()) {
    const was = before.get(name);
    const is = after.get(name);
    const moreFailures = (is?.failed ?? 0) - (was?.failed ?? 0);
    if (is !== undefined && moreFailures > 0) changes.broken.push(is.sample);
    else if ((was?.passed ?? 0) > (is?.passed ?? 0)) changes.missing.push(name);
    else if (moreFailures < 0 && (is?.passed ?? 0) > (was?.passed ?? 0)) changes.mended.push(name);
    if ((was?.failed ?? 0) > 0 && (is?.failed ?? 0) > 0) changes.stillFailing.push(name);
  }
  return changes;
}

const FILE_PREFIX = /^\S+ › /;

/**
 * Whether every name starts with its file. ava adds the file (`users › sums up`) as soon as there are two test files,
 * so a new test file renames all other tests.
 */
function isPrefixed({ format, tests }: TestReport): boolean {
  return format === "tap" && tests.length > 0 && tests.every((test) => FILE_PREFIX.test(test.name));
}

function withoutFile(report: TestReport): TestReport {
  if (!isPrefixed(report)) return report;
  return { ...report, tests: report.tests.map((test) => ({ ...test, name: test.name.replace(FILE_PREFIX, "") })) };
}

function tallyOf(report: TestReport): Map<string, Tally> {
  const tallies = new Map<string, Tally>();
  for (const test of report.tests) {
    const tally = tallies.get(test.name) ?? { passed: 0, failed: 0, sample: test };
    if (test.outcome === "passed") tally.passed += 1;
    if (test.outcome === "failed") {
      tally.failed += 1;
      if (tally.sample.outcome !== "failed") tally.sample = test;
    }
    tallies.set(test.name, tally);
  }
  return tallies;
}

/** How many tests passed, failed and were skipped. */
export function countTests(report: TestReport): { passed: number; failed: number; skipped: number } {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for (const { outcome } of report.tests) counts[outcome] += 1;
  return counts;
}
