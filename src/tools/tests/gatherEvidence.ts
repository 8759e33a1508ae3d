import type { CapturedEvent } from "../../domain/event.ts";
import type { Evidence, SandboxGrade } from "../../domain/evidence.ts";
import { describeDiff } from "../../domain/patch.ts";
import type { Workspace } from "../../domain/ports/workspace.ts";
import type { RegressionTest } from "../../domain/reproduction.ts";
import { coverageOf } from "./coverage.ts";
import { type Grading, gradeOf, type Observed } from "./grade.ts";
import { applyJudgedPart, restoreJudges } from "./judge/judgedPart.ts";
import { judgeFilesOf } from "./judge/judgeFiles.ts";
import { newFaults } from "./newFaults.ts";
import { infrastructureFault, outcomeOf, type CommandRun as SeenOutput } from "./observeCommand.ts";
import type { ReproductionRun, ServiceCommands } from "./serviceCommands.ts";
import { hasTimeToSpare, suiteOnPatch, suiteTestsOf } from "./suiteOnPatch.ts";
import type { SuiteRun } from "./suiteRunner.ts";
import { ranLess, redIsExplained } from "./suiteVerdict.ts";
import { isTestPath, type SuiteCommand, suiteOf } from "./testCommand.ts";

/** The Patch to gather Evidence about. */
export interface GatherInput {
  workspace: Workspace;
  event: CapturedEvent;
  diff: string;
  patchDigest: string;
  /** Default: the configured test command, or one detected from the base's files. null: no suite. */
  suite?: SuiteCommand | null;
  /** A regression test that replaces the service's reproduction command. */
  own?: RegressionTest | null;
  signal?: AbortSignal;
}

type Seen = Required<
  Pick<
    Evidence,
    | "suiteBase"
    | "suitePatch"
    | "reproductionBase"
    | "reproductionPatch"
    | "buildPatch"
    | "suiteTests"
    | "typeCheck"
    | "lint"
    | "changedLinesCovered"
  >
>;

/** Nothing was observed. */
export const NOTHING: Seen = {
  suiteBase: null,
  suitePatch: null,
  reproductionBase: null,
  reproductionPatch: null,
  buildPatch: null,
  suiteTests: null,
  typeCheck: null,
  lint: null,
  changedLinesCovered: null,
};

/**
 * Gathers Evidence in order: base (remembered between attempts), then the patch's build, reproduction, suite and
 * checks. A step is skipped when an earlier one already decided.
 */
export function createEvidenceGatherer(
  runner: ServiceCommands,
  sandbox: SandboxGrade,
): (input: GatherInput) => Promise<Evidence> {
  return async (input) => {
    const { workspace, event, diff, signal } = input;
    const fault = await runner.prepare(workspace, signal);
    const touches = await touchesExistingTests(workspace, diff);
    if (fault !== null) return brokenEvidence(input, sandbox, touches, fault);
    const suite = input.suite === undefined ? await suiteOf(workspace) : input.suite;
    const suiteBase = suite === null ? null : await runner.suiteOnBase(workspace, suite, signal);
    const before = await runner.reproduceOnBase(workspace, event, { own: input.own, signal });
    const checks = await checksOnBase(runner, workspace, signal);
    await workspace.reset();
    const judges = await judgeFilesOf(workspace, event);
    const { applied, left } = await applyJudgedPart(workspace, diff, judges, input.own);
    const existing = new Set(await workspace.files());
    const seen: Seen = {
      ...NOTHING,
      suiteBase: suiteBase?.observation ?? null,
      reproductionBase: before?.observation ?? null,
      suiteTests: suiteTestsOf(suiteBase, null),
    };
    const observed: Observed = {
      applies: applied.kind === "applied",
      build: "notConfigured",
      suite: suite && suiteBase && suiteSeen(suite, suiteBase),
      reproduction: before && { base: before.reproduced, patch: "notRun", origin: input.own?.origin ?? "captured" },
      touchesExistingTests: touches,
      judgeTouched: left.some((path) => existing.has(path)),
      typeCheck: checkSeen(checks.typeCheck),
      lint: checkSeen(checks.lint),
      coverageMeasured: false,
    };
    const restore = () => restoreJudges(workspace, judges);
    const work = { input, runner, seen, observed, suite, suiteBase, before, checks, restore };
    if (observed.applies) await observePatch(work);
    return { ...evidenceOf(input, sandbox, seen, observed, gradeOf(observed)), judgeTouched: left };
  };
}

interface PatchWork {
  input: GatherInput;
  runner: ServiceCommands;
  seen: Seen;
  observed: Observed;
  suite: SuiteCommand | null;
  suiteBase: SuiteRun | null;
  before: ReproductionRun | null;
  checks: BaseChecks;
  /** Takes the files that judge from the base again: what ran before may have changed them. */
  restore: () => Promise<void>;
}

/** Runs the steps on the patch and records what they showed. */
async function observePatch(work: PatchWork): Promise<void> {
  const { input, runner, seen, observed } = work;
  const { workspace, diff, signal } = input;
  seen.buildPatch = await runner.runBuild(workspace, "patch", signal);
  if (seen.buildPatch !== null) observed.build = outcomeOf(seen.buildPatch.end);
  if (observed.build !== "passed" && observed.build !== "notConfigured") return;
  const coverage: string[] = [];
  if (!(await observeReproduction(work, coverage))) return;
  if (!(await observeSuite(work, coverage))) return;
  seen.changedLinesCovered = await coverageOf(workspace, diff, coverage);
  observed.coverageMeasured = seen.changedLinesCovered !== null;
  await observeChecks(work);
}

/** Runs the reproduction on the patch. Returns whether the next step is worth running. */
async function observeReproduction(
  { input, runner, seen, observed, before, restore }: PatchWork,
  coverage: string[],
): Promise<boolean> {
  if (observed.reproduction === null || (before?.reproduced !== "yes" && before?.reproduced !== "no")) return true;
  const { workspace, event, signal } = input;
  if (seen.buildPatch !== null) await restore();
  const after = await runner.reproduce(workspace, event, "patch", { own: input.own, coverage: true, signal });
  seen.reproductionPatch = after?.observation ?? null;
  observed.reproduction.patch = after === null ? "notRun" : outcomeOf(after.observation.end);
  coverage.push(...(after?.coverage ?? []));
  return observed.reproduction.patch === "passed";
}

async function observeSuite(work: PatchWork, coverage: string[]): Promise<boolean> {
  const { input, runner, seen, observed, suite, suiteBase } = work;
  if (suite === null || suiteBase === null || observed.suite === null) return true;
  if (observed.suite.executed === 0 || (observed.suite.base !== "passed" && !observed.suite.redExplained)) return true;
  const { workspace, signal } = input;
  await work.restore();
  const measure = hasTimeToSpare(suiteBase, workspace.service.testTimeoutMs);
  const { run, how, changes } = await suiteOnPatch({
    runner,
    workspace,
    suite,
    base: suiteBase,
    coverage: measure,
    signal,
  });
  seen.suitePatch = run.observation;
  seen.suiteTests = suiteTestsOf(suiteBase, run);
  observed.suite = { ...observed.suite, patch: how, byName: changes !== null };
  const less = (changes?.missing.length ?? 0) > 0 || ranLess(suiteBase, run);
  observed.suite.testsMissing = how !== "passed" && how !== "flaky" && less;
  coverage.push(...run.coverage);
  return how === "passed" || how === "flaky";
}

function suiteSeen({ source }: SuiteCommand, base: SuiteRun): NonNullable<Observed["suite"]> {
  const redExplained = redIsExplained(base);
  return {
    source,
    base: outcomeOf(base.observation.end),
    patch: "notRun",
    redExplained,
    byName: false,
    testsMissing: false,
    executed: base.executed,
  };
}

interface BaseChecks {
  typeCheck: SeenOutput | null;
  lint: SeenOutput | null;
}

async function checksOnBase(runner: ServiceCommands, workspace: Workspace, signal?: AbortSignal): Promise<BaseChecks> {
  return {
    typeCheck: await runner.checkOnBase(workspace, "typeCheck", signal),
    lint: await runner.checkOnBase(workspace, "lint", signal),
  };
}

function checkSeen(base: SeenOutput | null): Observed["lint"] {
  return base && { base: outcomeOf(base.observation.end), patch: "notRun", newFaults: 0 };
}

/** Runs the type check and the linter on the patch, if they could run on the base. */
async function observeChecks({ input, runner, seen, observed, checks }: PatchWork): Promise<void> {
  for (const name of ["typeCheck", "lint"] as const) {
    const base = checks[name];
    const known = observed[name];
    if (base === null || known === null || known.base === "infrastructure") continue;
    const patch = await runner.runCheck(input.workspace, name, "patch", input.signal);
    if (patch === null) continue;
    const faults = newFaults(ended(base), ended(patch));
    seen[name] = { base: base.observation, patch: patch.observation, newFaults: faults };
    observed[name] = { ...known, patch: outcomeOf(patch.observation.end), newFaults: faults };
  }
}

function ended({ observation, output }: SeenOutput) {
  return { end: observation.end, output };
}

/** Whether the diff changes or removes a test file of the base. */
async function touchesExistingTests(workspace: Workspace, diff: string): Promise<boolean> {
  const existing = new Set(await workspace.files());
  return describeDiff(diff).files.some((path) => existing.has(path) && isTestPath(path));
}

function evidenceOf(
  { workspace, patchDigest, own }: GatherInput,
  sandbox: SandboxGrade,
  seen: Seen,
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

function inWords(what: Grading["infrastructure"][number], seen: Seen): string {
  const observations = {
    build: seen.buildPatch,
    "suite on the base": seen.suiteBase,
    "suite on the patch": seen.suitePatch,
    "reproduction on the base": seen.reproductionBase,
    "reproduction on the patch": seen.reproductionPatch,
    "type check": seen.typeCheck?.patch ?? null,
    linter: seen.lint?.patch ?? null,
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
    notChecked: ["build", "suite", "reproduction", "typeCheck", "lint", "coverage"],
  };
}
