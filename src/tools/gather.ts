import type { CapturedEvent } from "../domain/event.ts";
import type { Evidence, Observation, SandboxGrade } from "../domain/evidence.ts";
import { describeDiff } from "../domain/patch.ts";
import type { Workspace } from "../domain/ports.ts";
import type { RegressionTest } from "../domain/reproduction.ts";
import { type Grading, gradeOf, type Observed, type SuiteOnPatch } from "./grade.ts";
import { infrastructureFault, outcomeOf } from "./observe.ts";
import type { Reproduced, Runs } from "./runs.ts";
import { isTestPath, type SuiteCommand, suiteOf } from "./testCommand.ts";

export interface GatherInput {
  workspace: Workspace;
  event: CapturedEvent;
  diff: string;
  patchDigest: string;
  /** Default: the configured test command, else one that the base's files suggest. null: no suite. */
  suite?: SuiteCommand | null;
  /** Observed in place of the service's reproduction command. */
  own?: RegressionTest | null;
  signal?: AbortSignal;
}

interface Observations {
  suiteBase: Observation | null;
  suitePatch: Observation | null;
  reproductionBase: Observation | null;
  reproductionPatch: Observation | null;
  buildPatch: Observation | null;
}

const NOTHING: Observations = {
  suiteBase: null,
  suitePatch: null,
  reproductionBase: null,
  reproductionPatch: null,
  buildPatch: null,
};

/** Base first (remembered between attempts), then the patch: build, reproduction, suite. Each step only where it can still tell something. */
export function createGather(runner: Runs, sandbox: SandboxGrade): (input: GatherInput) => Promise<Evidence> {
  return async (input) => {
    const { workspace, event, diff, signal } = input;
    const fault = await runner.prepare(workspace, signal);
    const touches = await touchesExistingTests(workspace, diff);
    if (fault !== null) return brokenEvidence(input, sandbox, touches, fault);
    const suite = input.suite === undefined ? await suiteOf(workspace) : input.suite;
    const suiteBase = suite === null ? null : await runner.suiteOnBase(workspace, suite, signal);
    const before = await runner.reproduceOnBase(workspace, event, { own: input.own, signal });
    await workspace.reset();
    const applied = await workspace.apply(diff);
    const seen: Observations = { ...NOTHING, suiteBase, reproductionBase: before?.observation ?? null };
    const observed: Observed = {
      applies: applied.kind === "applied",
      build: "notConfigured",
      suite: suite && suiteBase && { source: suite.source, base: outcomeOf(suiteBase.end), patch: "notRun" },
      reproduction: before && { base: before.reproduced, patch: "notRun", origin: input.own?.origin ?? "captured" },
      touchesExistingTests: touches,
    };
    if (observed.applies) await observePatch({ input, runner, seen, observed, suite, before });
    return evidenceOf(input, sandbox, seen, observed, gradeOf(observed));
  };
}

interface PatchWork {
  input: GatherInput;
  runner: Runs;
  seen: Observations;
  observed: Observed;
  suite: SuiteCommand | null;
  before: Reproduced | null;
}

/** Fills in what the patch showed. */
async function observePatch({ input, runner, seen, observed, suite, before }: PatchWork): Promise<void> {
  const { workspace, event, signal } = input;
  seen.buildPatch = await runner.runBuild(workspace, "patch", signal);
  if (seen.buildPatch !== null) observed.build = outcomeOf(seen.buildPatch.end);
  if (observed.build !== "passed" && observed.build !== "notConfigured") return;
  if (observed.reproduction !== null && (before?.reproduced === "yes" || before?.reproduced === "no")) {
    const after = await runner.reproduce(workspace, event, "patch", { own: input.own, signal });
    seen.reproductionPatch = after?.observation ?? null;
    observed.reproduction.patch = after === null ? "notRun" : outcomeOf(after.observation.end);
    if (observed.reproduction.patch !== "passed") return;
  }
  if (suite === null || observed.suite?.base !== "passed") return;
  const { observation, how } = await suiteOnPatch(runner, workspace, suite, signal);
  seen.suitePatch = observation;
  observed.suite.patch = how;
}

/** A suite that passed on the base and fails now is run again: passing twice in a row tells a flake from a break. */
async function suiteOnPatch(
  runner: Runs,
  workspace: Workspace,
  suite: SuiteCommand,
  signal: AbortSignal | undefined,
): Promise<{ observation: Observation; how: SuiteOnPatch }> {
  const first = await runner.runSuite(workspace, suite, "patch", signal);
  const outcome = outcomeOf(first.end);
  if (outcome !== "failed") return { observation: first, how: outcome };
  const second = await runner.runSuite(workspace, suite, "patch", signal);
  if (outcomeOf(second.end) !== "passed") return { observation: first, how: "failed" };
  const third = await runner.runSuite(workspace, suite, "patch", signal);
  return { observation: third, how: outcomeOf(third.end) === "passed" ? "flaky" : "unstable" };
}

/** Whether the diff changes or removes a test that the base has. */
async function touchesExistingTests(workspace: Workspace, diff: string): Promise<boolean> {
  const existing = new Set(await workspace.files());
  return describeDiff(diff).files.some((path) => existing.has(path) && isTestPath(path));
}

function evidenceOf(
  { workspace, patchDigest, own }: GatherInput,
  sandbox: SandboxGrade,
  seen: Observations,
  observed: Observed,
  grading: Grading,
): Evidence {
  return {
    patchDigest,
    baseCommit: workspace.baseCommit,
    grade: grading.grade,
    ...seen,
    ...(own && { reproduction: { kind: own.kind, origin: own.origin } }),
    sandbox,
    touchesExistingTests: observed.touchesExistingTests,
    infrastructure:
      grading.infrastructure.length === 0 ? null : grading.infrastructure.map((what) => inWords(what, seen)).join("; "),
    shortfalls: grading.shortfalls,
    notChecked: grading.notChecked,
  };
}

function inWords(what: Grading["infrastructure"][number], seen: Observations): string {
  const observations = {
    build: seen.buildPatch,
    "suite on the base": seen.suiteBase,
    "suite on the patch": seen.suitePatch,
    "reproduction on the base": seen.reproductionBase,
    "reproduction on the patch": seen.reproductionPatch,
  };
  const end = observations[what]?.end;
  return `${what}: ${(end && infrastructureFault(end)) ?? "unknown"}`;
}

function brokenEvidence(
  { workspace, patchDigest }: GatherInput,
  sandbox: SandboxGrade,
  touches: boolean,
  fault: string,
): Evidence {
  return {
    patchDigest,
    baseCommit: workspace.baseCommit,
    grade: "none",
    ...NOTHING,
    sandbox,
    touchesExistingTests: touches,
    infrastructure: fault,
    shortfalls: [],
    notChecked: ["build", "suite", "reproduction"],
  };
}
