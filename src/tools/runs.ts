import type { CapturedEvent } from "../domain/event.ts";
import type { Observation } from "../domain/evidence.ts";
import type { BlobStore, Sandbox, Workspace } from "../domain/ports.ts";
import { matchesException } from "./exceptionMatch.ts";
import { createObserve, infrastructureFault, outcomeOf, type Seen } from "./observe.ts";
import { isSetUp, keepSetup } from "./setup.ts";
import type { SuiteCommand } from "./testCommand.ts";

/** yes: failed with this exception at this place. no: passed. */
type Reproduced = "yes" | "no" | "infrastructure" | "otherFailure";

export interface Reproduction {
  observation: Observation;
  reproduced: Reproduced;
  why: string;
}

type On = "base" | "patch";

/** Runs a service's own commands in the sandbox. A command that the service does not have gives null. */
export interface Runs {
  runSuite(workspace: Workspace, suite: SuiteCommand, on: On, signal?: AbortSignal): Promise<Observation>;
  runBuild(workspace: Workspace, on: On, signal?: AbortSignal): Promise<Observation | null>;
  reproduce(workspace: Workspace, event: CapturedEvent, on: On, signal?: AbortSignal): Promise<Reproduction | null>;
  /** The suite on the base, clean; remembered by service, base and command. Leaves the workspace at the base. */
  suiteOnBase(workspace: Workspace, suite: SuiteCommand, signal?: AbortSignal): Promise<Observation>;
  /** The reproduction on the base, clean; remembered likewise. Leaves the workspace at the base. */
  reproduceOnBase(workspace: Workspace, event: CapturedEvent, signal?: AbortSignal): Promise<Reproduction | null>;
  /** Resets to the base and runs the setup command, once a workspace. null, or why nothing can be observed. */
  prepare(workspace: Workspace, signal?: AbortSignal): Promise<string | null>;
}

const SETUP_TIMEOUT_MS = 600_000;
const REMEMBERED = 200;

export function createRuns(deps: { sandbox: Sandbox; blobs: BlobStore }): Runs {
  const observe = createObserve(deps);
  const suites = createMemory<Observation>((o) => outcomeOf(o.end) !== "infrastructure");
  const reproductions = createMemory<Reproduction | null>((r) => r?.reproduced !== "infrastructure");

  const runs: Runs = {
    async runSuite(workspace, { command }, on, signal) {
      return (await observe(workspace, { command, on, timeoutMs: workspace.service.testTimeoutMs, signal }))
        .observation;
    },
    async runBuild(workspace, on, signal) {
      const { buildCommand: command, testTimeoutMs: timeoutMs } = workspace.service;
      if (command === undefined) return null;
      return (await observe(workspace, { command, on, timeoutMs, signal })).observation;
    },
    async reproduce(workspace, event, on, signal) {
      const { reproduceCommand: command, testTimeoutMs: timeoutMs } = workspace.service;
      if (command === undefined) return null;
      const files = { SELFHEAL_EVENT: JSON.stringify(event) };
      const seen = await observe(workspace, { command, on, timeoutMs, files, signal });
      return { observation: seen.observation, ...judge(seen, event, await workspace.files()) };
    },
    suiteOnBase: (workspace, suite, signal) =>
      suites(keyOf(workspace, suite.command), async () => {
        await workspace.reset();
        return runs.runSuite(workspace, suite, "base", signal);
      }),
    reproduceOnBase: (workspace, event, signal) =>
      reproductions(keyOf(workspace, workspace.service.reproduceCommand ?? "", event.id), async () => {
        await workspace.reset();
        return runs.reproduce(workspace, event, "base", signal);
      }),
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

/** What a run of the reproduction showed. Evidence is only the exception itself, never just a failing command. */
function judge(seen: Seen, event: CapturedEvent, files: readonly string[]): { reproduced: Reproduced; why: string } {
  const { end } = seen.observation;
  if (end.kind === "exit" && end.code === 0) return { reproduced: "no", why: "the reproduction passes" };
  const match = matchesException(seen.output, event, files);
  // A runtime may end itself by a signal because of the exception (abort on uncaught).
  const aborted = end.kind === "signal" && end.signal === "SIGABRT" && match.matches;
  const fault = infrastructureFault(end);
  if (fault !== null && !aborted) return { reproduced: "infrastructure", why: fault };
  return { reproduced: match.matches ? "yes" : "otherFailure", why: match.why };
}

/** Remembers what was observed on a base, so that several attempts do not run it again; failures to observe are not kept. */
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
