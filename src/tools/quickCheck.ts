import type { CapturedEvent } from "../domain/event.ts";
import type { ProcessEnd } from "../domain/evidence.ts";
import type { Workspace } from "../domain/ports.ts";
import type { RegressionTest } from "../domain/reproduction.ts";
import { outcomeOf } from "./observe.ts";
import type { Runs } from "./runs.ts";
import { suiteOf } from "./testCommand.ts";

/** What one quick check of the workspace as it is now showed. null: there is no such check for this service. */
export interface QuickCheckResult {
  reproductionPassed: boolean | null;
  suitePassed: boolean | null;
  /** Short: what failed. */
  summary: string;
}

const SUMMARY_LENGTH = 1500;

/**
 * A coder's look at its own work: the reproduction, and the suite when asked. What counts is what the tester gathers later.
 * The tree is made anew from the patch first, so that nothing a command left over plays a part.
 */
export function createQuickCheck(
  runner: Runs,
): (
  workspace: Workspace,
  event: CapturedEvent,
  signal?: AbortSignal,
  own?: RegressionTest | null,
) => (options: { suite: boolean }) => Promise<QuickCheckResult> {
  return (workspace, event, signal, own) => async (options) => {
    const diff = await workspace.diff();
    const fault = await runner.prepare(workspace, signal);
    const suite = options.suite && fault === null ? await suiteOf(workspace) : null;
    const suiteBase = suite === null ? null : await runner.suiteOnBase(workspace, suite, signal);
    if (suiteBase !== null) await workspace.reset();
    await workspace.apply(diff);
    if (fault !== null) return { reproductionPassed: null, suitePassed: null, summary: fault };

    const reproduction = await runner.reproduce(workspace, event, "patch", { own, signal });
    const passed = reproduction === null ? null : isGreen(reproduction.observation.end);
    if (reproduction !== null && passed === false) {
      const summary = `the reproduction fails (${reproduction.why}):\n${reproduction.observation.tail.slice(-SUMMARY_LENGTH)}`;
      return { reproductionPassed: false, suitePassed: null, summary };
    }
    if (suite === null || suiteBase === null) {
      return {
        reproductionPassed: passed,
        suitePassed: null,
        summary: passed === null ? "nothing to run" : "the reproduction passes",
      };
    }
    if (!isGreen(suiteBase.end)) {
      return {
        reproductionPassed: passed,
        suitePassed: null,
        summary: "the suite does not pass on the base: it says nothing",
      };
    }
    const after = await runner.runSuite(workspace, suite, "patch", signal);
    const suitePassed = isGreen(after.end);
    const summary = suitePassed ? "the suite passes" : `the suite fails:\n${after.tail.slice(-SUMMARY_LENGTH)}`;
    return { reproductionPassed: passed, suitePassed, summary };
  };
}

function isGreen(end: ProcessEnd): boolean {
  return outcomeOf(end) === "passed";
}
