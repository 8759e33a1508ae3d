import type { CapturedEvent } from "../../domain/event.ts";
import type { ProcessEnd } from "../../domain/evidence.ts";
import { describeDiff } from "../../domain/patch.ts";
import type { Workspace } from "../../domain/ports/workspace.ts";
import type { RegressionTest } from "../../domain/reproduction.ts";
import { affectedTests, importGraph } from "./affectedTests.ts";
import { outcomeOf } from "./observeCommand.ts";
import type { ServiceCommands } from "./serviceCommands.ts";
import type { SuiteRun } from "./suiteRunner.ts";
import { brokenIn, redIsExplained, suiteVerdict } from "./suiteVerdict.ts";
import { type SuiteCommand, suiteOf } from "./testCommand.ts";

/**
 * The result of a quick check of the workspace's current patch. A null result: there was nothing to run, or it could
 * not be used.
 */
export interface QuickCheckResult {
  reproductionPassed: boolean | null;
  suitePassed: boolean | null;
  /** A short text for the coder: what failed, or what passed. */
  summary: string;
  /** The tail of the reproduction's output, if the reproduction ran and passed. */
  output?: string;
}

const SUMMARY_LENGTH = 1500;

/**
 * A coder's check of its own work: the reproduction, and the suite if requested. Only the Evidence that the tester
 * gathers later counts. The tree is first rebuilt from the patch, so that leftovers of commands have no effect.
 */
export function createQuickCheck(
  runner: ServiceCommands,
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
    const printed = reproduction === null ? {} : { output: reproduction.observation.tail };
    const passed = reproduction === null ? null : isGreen(reproduction.observation.end);
    if (reproduction !== null && passed === false) {
      const summary = `the reproduction fails (${reproduction.why}):\n${reproduction.observation.tail.slice(-SUMMARY_LENGTH)}`;
      return { reproductionPassed: false, suitePassed: null, summary };
    }
    if (suite === null || suiteBase === null) {
      return {
        ...printed,
        reproductionPassed: passed,
        suitePassed: null,
        summary: passed === null ? "nothing to run" : "the reproduction passes",
      };
    }
    const mute = whyMute(suiteBase);
    if (mute !== null) return { reproductionPassed: passed, suitePassed: null, summary: `${mute}: it says nothing` };
    const work = { runner, workspace, suite, base: suiteBase, signal };
    const broken = (await brokenNearby(work, diff)) ?? (await brokenAnywhere(work));
    return {
      ...printed,
      reproductionPassed: passed,
      suitePassed: broken === null,
      summary: broken === null ? "the suite passes" : `the suite fails:\n${broken}`,
    };
  };
}

function whyMute(base: SuiteRun): string | null {
  if (base.executed === 0) return "the suite executes no test";
  return isGreen(base.observation.end) || redIsExplained(base) ? null : "the suite does not pass on the base";
}

interface SuiteWork {
  runner: ServiceCommands;
  workspace: Workspace;
  suite: SuiteCommand;
  base: SuiteRun;
  signal: AbortSignal | undefined;
}

/**
 * Runs only the tests most likely affected by the change, because they show most breaks early. What broke, in words;
 * null otherwise.
 */
async function brokenNearby({ runner, workspace, suite, base, signal }: SuiteWork, diff: string) {
  const files = await testsNear(workspace, describeDiff(diff).files);
  if (files.length === 0 || base.report === null) return null;
  const some = await runner.runTestFiles(workspace, suite, files, signal);
  const broken = some === null ? null : brokenIn(base, some);
  return broken === null || broken.length === 0 ? null : testsInWords(broken);
}

async function brokenAnywhere({ runner, workspace, suite, base, signal }: SuiteWork): Promise<string | null> {
  const after = await runner.runSuite(workspace, suite, "patch", { signal });
  const { how, changes } = suiteVerdict(base, after);
  if (how === "passed") return null;
  if (changes !== null && changes.broken.length > 0) return testsInWords(changes.broken);
  const gone = changes === null ? [] : changes.missing.map((name) => `gone or skipped: ${name}`);
  return [...gone, after.observation.tail].join("\n").slice(-SUMMARY_LENGTH);
}

function testsInWords(broken: readonly { name: string; message?: string }[]): string {
  return broken
    .map(({ name, message = "" }) => `- ${name}\n${message}`.trimEnd())
    .join("\n")
    .slice(0, SUMMARY_LENGTH);
}

/** Up to how many files are read to find the affected tests. */
const MAX_READ = 1500;
/** How many test files are run before the whole suite. */
const MAX_NEAR = 8;

async function testsNear(workspace: Workspace, changed: readonly string[]): Promise<string[]> {
  const files = await workspace.files();
  const read = (path: string) => workspace.read(path).catch(() => null);
  const graph = files.length > MAX_READ ? new Map() : await importGraph(files, read);
  return affectedTests(files, changed, graph, MAX_NEAR);
}

function isGreen(end: ProcessEnd): boolean {
  return outcomeOf(end) === "passed";
}
