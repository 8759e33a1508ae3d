import type { CapturedEvent } from "../../domain/event.ts";
import type { Observation } from "../../domain/evidence.ts";
import { digestOf } from "../../domain/patch.ts";
import type { BlobStore } from "../../domain/ports/blobStore.ts";
import type { Sandbox } from "../../domain/ports/sandbox.ts";
import type { Workspace } from "../../domain/ports/workspace.ts";
import type { RegressionTest } from "../../domain/reproduction.ts";
import { writePlain } from "../git/safeFiles.ts";
import { isSetUp, keepSetup } from "../git/setupOutput.ts";
import { matchesException } from "./exceptionMatch.ts";
import { type CommandRun, createObserveCommand, infrastructureFault, outcomeOf } from "./observeCommand.ts";
import { createSuiteRuns, type SuiteRun, type SuiteRuns } from "./suiteRunner.ts";
import type { SuiteCommand } from "./testCommand.ts";

/** One run of the reproduction. */
export interface ReproductionRun {
  observation: Observation;
  /** yes: failed with this exception at this place. no: passed. otherFailure: failed in another way. */
  reproduced: "yes" | "no" | "infrastructure" | "otherFailure";
  /** V8 coverage files, if coverage was requested. */
  coverage: readonly string[];
  /** The reason for `reproduced`, in words. */
  why: string;
}

type On = "base" | "patch";

/** Options of a reproduction. `own`: see ServiceCommands.reproduce. */
export interface CommandOptions {
  own?: RegressionTest | null | undefined;
  coverage?: boolean;
  signal?: AbortSignal | undefined;
}

/** Commands of a service that find faults without running the service. */
export type CheckName = "typeCheck" | "lint";

/** Runs a service's own commands in the sandbox. The result is null if the service does not have the command. */
export interface ServiceCommands {
  runSuite: SuiteRuns["whole"];
  runTestFiles: SuiteRuns["files"];
  runBuild(workspace: Workspace, on: On, signal?: AbortSignal): Promise<Observation | null>;
  /** `own`: a regression test that replaces the service's command. It is written to the tree, and not to the diff. */
  reproduce(workspace: Workspace, event: CapturedEvent, on: On, how?: CommandOptions): Promise<ReproductionRun | null>;
  /** The suite on the clean base. Remembered by service, base and command. Leaves the workspace at the base. */
  suiteOnBase(workspace: Workspace, suite: SuiteCommand, signal?: AbortSignal): Promise<SuiteRun>;
  /** The service's type check or linter; null if it is not configured. */
  runCheck(workspace: Workspace, check: CheckName, on: On, signal?: AbortSignal): Promise<CommandRun | null>;
  /** The same on the clean base, and remembered. Leaves the workspace at the base. */
  checkOnBase(workspace: Workspace, check: CheckName, signal?: AbortSignal): Promise<CommandRun | null>;
  /** The reproduction on the clean base, remembered per Event. Leaves the workspace at the base. */
  reproduceOnBase(workspace: Workspace, event: CapturedEvent, how?: CommandOptions): Promise<ReproductionRun | null>;
  /**
   * Resets to the base, and runs the setup command if it has not succeeded in this workspace yet. Returns null, or the
   * reason why nothing can be observed.
   */
  prepare(workspace: Workspace, signal?: AbortSignal): Promise<string | null>;
}

const SETUP_TIMEOUT_MS = 600_000;
/** How many results each memory keeps. */
const REMEMBERED = 200;

/** Creates the commands. Results on the base are remembered for the lifetime of the returned object. */
export function createServiceCommands(deps: { sandbox: Sandbox; blobs: BlobStore }): ServiceCommands {
  const observe = createObserveCommand(deps);
  const suiteRuns = createSuiteRuns(observe);
  const suites = createMemory<SuiteRun>((run) => outcomeOf(run.observation.end) !== "infrastructure");
  const checks = createMemory<CommandRun | null>(
    (seen) => seen !== null && outcomeOf(seen.observation.end) !== "infrastructure",
  );
  const reproductions = createMemory<ReproductionRun | null>((r) => r?.reproduced !== "infrastructure");

  const runs: ServiceCommands = {
    runSuite: suiteRuns.whole,
    runTestFiles: suiteRuns.files,
    async runCheck(workspace, check, on, signal) {
      const { service } = workspace;
      const command = check === "lint" ? service.lintCommand : service.typeCheckCommand;
      if (command === undefined) return null;
      return observe(workspace, { command, on, timeoutMs: service.testTimeoutMs, signal });
    },
    checkOnBase: (workspace, check, signal) =>
      checks(keyOf(workspace, check, workspace.service[`${check}Command`] ?? ""), async () => {
        await workspace.reset();
        return runs.runCheck(workspace, check, "base", signal);
      }),
    async runBuild(workspace, on, signal) {
      const { buildCommand: command, testTimeoutMs: timeoutMs } = workspace.service;
      if (command === undefined) return null;
      return (await observe(workspace, { command, on, timeoutMs, signal })).observation;
    },
    async reproduce(workspace, event, on, { own, coverage, signal } = {}) {
      const { reproduceCommand, testTimeoutMs: timeoutMs } = workspace.service;
      const command = own?.command ?? reproduceCommand;
      if (command === undefined) return null;
      if (own) await writePlain(workspace.dir, own.path, Buffer.from(own.content, "utf8"), false);
      const files = { SELFHEAL_EVENT: JSON.stringify(event) };
      const seen = await observe(workspace, { command, on, timeoutMs, files, coverage, signal });
      return {
        observation: seen.observation,
        coverage: seen.coverage,
        ...judge(seen, event, await workspace.files(), own?.title),
      };
    },
    suiteOnBase: (workspace, suite, signal) =>
      suites(keyOf(workspace, suite.command), async () => {
        await workspace.reset();
        return runs.runSuite(workspace, suite, "base", { signal });
      }),
    reproduceOnBase: (workspace, event, how = {}) => {
      const { own } = how;
      const parts = own ? [own.command, own.path, digestOf(own.content)] : [workspace.service.reproduceCommand ?? ""];
      return reproductions(keyOf(workspace, ...parts, event.id), async () => {
        await workspace.reset();
        const seen = await runs.reproduce(workspace, event, "base", how);
        if (own) await workspace.reset();
        return seen;
      });
    },
    async prepare(workspace, signal) {
      await workspace.reset();
      const { setupCommand: command } = workspace.service;
      if (command === undefined || (await isSetUp(workspace))) return null;
      const { observation } = await observe(workspace, {
        command,
        on: "base",
        timeoutMs: SETUP_TIMEOUT_MS,
        network: true,
        signal,
      });
      if (outcomeOf(observation.end) !== "passed") return `the setup command failed: ${observation.tail.slice(-500)}`;
      await keepSetup(workspace);
      await workspace.reset();
      return null;
    },
  };
  return runs;
}

function keyOf(workspace: Workspace, ...parts: string[]): string {
  const { name, repo, root } = workspace.service;
  return JSON.stringify([name, repo, root, workspace.baseCommit, ...parts]);
}

/**
 * What a run of the reproduction showed. Only the exception itself is evidence, never just a failing command. For a
 * test (`title`), it must occur inside the test, not while its file is loaded.
 */
function judge(
  seen: CommandRun,
  event: CapturedEvent,
  files: readonly string[],
  title: string | undefined,
): Omit<ReproductionRun, "observation" | "coverage"> {
  const { end } = seen.observation;
  if (end.kind === "exit" && end.code === 0) return { reproduced: "no", why: "the reproduction passes" };
  const match = matchesException(seen.output, event, files);
  // A runtime may abort by a signal because of the exception (abort on uncaught).
  const aborted = end.kind === "signal" && end.signal === "SIGABRT" && match.matches;
  const fault = infrastructureFault(end);
  if (fault !== null && !aborted) return { reproduced: "infrastructure", why: fault };
  if (match.matches && title !== undefined && !seen.output.includes(title))
    return { reproduced: "otherFailure", why: "it fails before the test begins" };
  return { reproduced: match.matches ? "yes" : "otherFailure", why: match.why };
}

/**
 * Remembers observations of a base, so that several attempts do not repeat them. Infrastructure failures are not
 * remembered.
 */
function createMemory<T>(keep: (value: T) => boolean): (key: string, make: () => Promise<T>) => Promise<T> {
  const known = new Map<string, T>();
  return async (key, make) => {
    const before = known.get(key);
    if (before !== undefined) return before;
    const value = await make();
    if (!keep(value)) return value;
    known.set(key, value);
    const oldest = known.keys().next().value;
    if (known.size > REMEMBERED && oldest !== undefined) known.delete(oldest);
    return value;
  };
}
