import type { SuiteTests } from "../../domain/evidence.ts";
import type { Workspace } from "../../domain/ports/workspace.ts";
import type { SuiteOnPatch } from "./grade.ts";
import { outcomeOf } from "./observeCommand.ts";
import { compareReports, countTests, type TestChanges } from "./reports/compare.ts";
import type { ServiceCommands } from "./serviceCommands.ts";
import type { SuiteRun } from "./suiteRunner.ts";
import { brokenIn, suiteVerdict } from "./suiteVerdict.ts";
import type { SuiteCommand } from "./testCommand.ts";

/** The suite on the patch, compared with the base. */
export interface SuiteComparison {
  how: SuiteOnPatch;
  /** The run that counts: the first one, or the last one after a rerun that passed. */
  run: SuiteRun;
  /** Changes by test name; null when a run reported no tests. */
  changes: TestChanges | null;
}

interface Work {
  runner: Pick<ServiceCommands, "runSuite" | "runTestFiles">;
  workspace: Workspace;
  suite: SuiteCommand;
  base: SuiteRun;
  signal: AbortSignal | undefined;
}

/**
 * Runs the suite on the patch. Tests that fail there and not on the base are run again: only their files if the runner
 * supports it, else the whole suite. If they pass then, the whole suite runs once more. A pass means flaky, and another
 * failure means unstable.
 */
export async function suiteOnPatch(work: Work & { coverage: boolean }): Promise<SuiteComparison> {
  const { runner, workspace, suite, base, signal, coverage } = work;
  const run = await runner.runSuite(workspace, suite, "patch", { coverage, signal });
  const { how, changes } = suiteVerdict(base, run);
  if (how !== "failed") return { how, run, changes };
  if (!(await passesNow(work, changes))) return { how: "failed", run, changes };
  const last = await runner.runSuite(workspace, suite, "patch", { coverage, signal });
  const again = suiteVerdict(base, last);
  const stable = again.how === "passed";
  return { how: stable ? "flaky" : "unstable", run: last, changes: again.changes };
}

async function passesNow(work: Work, changes: TestChanges | null): Promise<boolean> {
  const { runner, workspace, suite, base, signal } = work;
  const files = filesOf(work, changes);
  const some = files === null ? null : await runner.runTestFiles(workspace, suite, files, signal);
  if (some !== null && some.report !== null) {
    const ran = new Set(some.report.tests.map((test) => test.name));
    const all = changes?.broken.every((test) => ran.has(test.name)) === true;
    // A test that does not run alone needs a run of the whole suite.
    if (all) return brokenIn(base, some)?.length === 0;
  }
  const second = await runner.runSuite(workspace, suite, "patch", { signal });
  return suiteVerdict(base, second).how === "passed";
}

/** The files of all broken tests; null when a test is missing or the file of a test is unknown. */
function filesOf({ base }: Work, changes: TestChanges | null): string[] | null {
  if (changes === null || changes.broken.length === 0 || changes.missing.length > 0) return null;
  const known = new Map(base.report?.tests.map((test) => [test.name, test.file]));
  const files = changes.broken.map((test) => test.file ?? known.get(test.name) ?? null);
  return files.includes(null) ? null : [...new Set(files.filter((file) => file !== null))];
}

const MAX_NAMES = 50;

/** The suite on base and patch, for the Evidence. null when the base's run reported no tests. */
export function suiteTestsOf(base: SuiteRun | null, patch: SuiteRun | null): SuiteTests | null {
  if (base === null || base.report === null) return null;
  const report = patch?.report ?? null;
  const changes = report === null ? null : compareReports(base.report, report);
  return {
    format: base.report.format,
    base: countTests(base.report),
    patch: report && countTests(report),
    broken: (changes?.broken ?? []).slice(0, MAX_NAMES).map(({ name, message = "" }) => ({ name, message })),
    missing: (changes?.missing ?? []).slice(0, MAX_NAMES),
    mended: (changes?.mended ?? []).slice(0, MAX_NAMES),
    stillFailing: (changes?.stillFailing ?? []).slice(0, MAX_NAMES),
  };
}

/**
 * Whether coverage may be measured. Coverage slows the suite, so it needs time to spare: a timeout would be coverage's
 * fault.
 */
export function hasTimeToSpare(base: SuiteRun, timeoutMs: number): boolean {
  return outcomeOf(base.observation.end) !== "infrastructure" && base.observation.durationMs < timeoutMs * 0.4;
}
