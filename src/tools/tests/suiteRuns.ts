import { posix } from "node:path";
import type { Observation } from "../../domain/evidence.ts";
import type { Workspace } from "../../domain/ports/workspace.ts";
import { askForReport, knownRunner, onlyFiles } from "./knownRunners.ts";
import type { ObserveCommand, ObserveSpec } from "./observeCommand.ts";
import { readReport } from "./reports/readReport.ts";
import type { TestReport } from "./reports/testReport.ts";
import { packageScripts, type SuiteCommand } from "./testCommand.ts";

/** One run of the suite, or of some files of it. */
export interface SuiteRun {
  observation: Observation;
  /** Test by test; null: the runner does not tell in a form that is known. */
  report: TestReport | null;
  /** V8's coverage files, where that was asked for. */
  coverage: readonly string[];
}

export interface SuiteOptions {
  coverage?: boolean;
  signal?: AbortSignal | undefined;
}

/** Runs the suite as it is configured; where the runner is known, also asked for a report that a program can read. */
export interface SuiteRuns {
  whole(workspace: Workspace, suite: SuiteCommand, on: "base" | "patch", options?: SuiteOptions): Promise<SuiteRun>;
  /** Some test files alone (repository-relative); null: nobody knows how to tell this suite. */
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
    return {
      observation: seen.observation,
      report: readReport({ files: seen.collected, printed: seen.output, roots: [repo, workspace.dir] }),
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

/** Paths as they are where the commands run. */
function within({ service }: Workspace, files: readonly string[]): string[] {
  return files.map((file) => posix.relative(posix.normalize(service.root), file));
}
