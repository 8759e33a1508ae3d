import { posix } from "node:path";
import type { Observation } from "../../domain/evidence.ts";
import type { Workspace } from "../../domain/ports/workspace.ts";
import { askForReport, knownRunner, onlyFiles } from "./knownRunners.ts";
import { type ObserveCommand, type ObserveSpec, outcomeOf } from "./observeCommand.ts";
import { executedTests } from "./reports/executedTests.ts";
import { readReport } from "./reports/readReport.ts";
import type { TestReport } from "./reports/testReport.ts";
import { packageScripts, type SuiteCommand } from "./testCommand.ts";

/** One run of the suite, or of some of its files. */
export interface SuiteRun {
  observation: Observation;
  /** Results per test; null if the runner does not report them in a known form. */
  report: TestReport | null;
  /** How many tests were passed and failed; null: this cannot be told. */
  executed: number | null;
  /** V8 coverage files, if coverage was requested. */
  coverage: readonly string[];
}

/** Options of a whole run. `coverage`: whether Node processes write V8 coverage. */
export interface SuiteOptions {
  coverage?: boolean;
  signal?: AbortSignal | undefined;
}

/** Runs the suite as configured. A known runner is also asked for a machine-readable report. */
export interface SuiteRuns {
  whole(workspace: Workspace, suite: SuiteCommand, on: "base" | "patch", options?: SuiteOptions): Promise<SuiteRun>;
  /** Runs only some test files (repository-relative). null if the suite's runner is unknown. */
  files(
    workspace: Workspace,
    suite: SuiteCommand,
    files: readonly string[],
    signal?: AbortSignal,
  ): Promise<SuiteRun | null>;
}

export function createSuiteRuns(observe: ObserveCommand): SuiteRuns {
  const run = async (workspace: Workspace, spec: Pick<ObserveSpec, "command" | "shownAs" | "on"> & SuiteOptions) => {
    const { repo, testTimeoutMs: timeoutMs } = workspace.service;
    const seen = await observe(workspace, { ...spec, timeoutMs, collect: true });
    const report = readReport({ files: seen.collected, printed: seen.output, roots: [repo, workspace.dir] });
    const passed = outcomeOf(seen.observation.end) === "passed";
    return {
      observation: seen.observation,
      report: report !== null && report.tests.length > 0 ? report : null,
      executed: executedTests({ report, printed: seen.output, passed }),
      coverage: seen.coverage,
    };
  };
  return {
    async whole(workspace, { command: shownAs }, on, options = {}) {
      const runner = knownRunner(shownAs, await packageScripts(workspace));
      return run(workspace, { ...options, command: askForReport(shownAs, runner), shownAs, on });
    },
    async files(workspace, suite, files, signal) {
      const runner = knownRunner(suite.command, await packageScripts(workspace));
      const command = runner && onlyFiles(runner, within(workspace, files));
      if (command === null) return null;
      return run(workspace, { command, shownAs: `${suite.command} (only ${files.join(", ")})`, on: "patch", signal });
    },
  };
}

/** The paths relative to the folder where the commands run. */
function within({ service }: Workspace, files: readonly string[]): string[] {
  return files.map((file) => posix.relative(posix.normalize(service.root), file));
}
