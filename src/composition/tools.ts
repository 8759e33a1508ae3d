import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { createCallTestSource } from "../agents/coder/reproducing/callTestSource.ts";
import { createReproducer, type TestSource } from "../agents/coder/reproducing/reproducer.ts";
import { createRequestTestSource } from "../agents/coder/reproducing/requestTestSource.ts";
import { createPreflight } from "../agents/planner/preflightFacts.ts";
import type { Config } from "../config/index.ts";
import { createCommandTarget } from "../deploy/commandTarget.ts";
import type { CapturedEvent } from "../domain/event.ts";
import type { SandboxGrade } from "../domain/evidence.ts";
import type { BlobStore } from "../domain/ports/blobStore.ts";
import type { Clock } from "../domain/ports/clock.ts";
import type { ProcessRunner } from "../domain/ports/processRunner.ts";
import type { Sandbox, SandboxProbe } from "../domain/ports/sandbox.ts";
import type { Workspace } from "../domain/ports/workspace.ts";
import type { Stores } from "../store/contract.ts";
import { createWorkspaces, type LocalWorkspaces } from "../tools/git/workspaces.ts";
import { CHECKED } from "../tools/sandbox/kernelProbe.ts";
import { createProcessRunner } from "../tools/sandbox/processRunner.ts";
import { createSandbox } from "../tools/sandbox/sandbox.ts";
import { createQuickCheck } from "../tools/tests/quickCheck.ts";
import { createTestRunner, type TestRunner } from "../tools/tests/testRunner.ts";
import type { Brains } from "./brains.ts";
import { mayRunFor, withForeignRuns } from "./foreignRuns.ts";
import type { NodeParts } from "./nodes.ts";
import { createStoppableRunner } from "./stoppableRunner.ts";

/** What agents use on this machine: the sandbox, git worktrees, the test runner. */
export interface Tools {
  sandbox: Sandbox;
  workspaces: LocalWorkspaces;
  tests: TestRunner;
  /** Stops the commands that run in the sandbox. */
  stop(): Promise<void>;
}

/** Tries the sandbox grades from the strongest down, and builds the tools on the first one that works. */
export async function createTools(
  { dataDir }: Pick<Config, "dataDir">,
  deps: {
    clock: Clock;
    blobs: BlobStore;
    /** The strongest grade to try; undefined: the strongest there is. */
    maximum: SandboxGrade | undefined;
    /** Wraps the sandbox: each command that ends is a heartbeat. */
    wrapSandbox: (sandbox: Sandbox) => Sandbox;
  },
): Promise<Tools> {
  const commands = createStoppableRunner(createProcessRunner());
  const sandbox = deps.wrapSandbox(
    await createSandbox({
      processes: commands.processes,
      scratch: join(dataDir, "sandbox"),
      ...(deps.maximum && { maximum: deps.maximum }),
    }),
  );
  return {
    sandbox,
    workspaces: createWorkspaces({ dataDir, clock: deps.clock }),
    tests: createTestRunner({ sandbox, blobs: deps.blobs }),
    stop: commands.stop,
  };
}

/** The strongest sandbox that works on this machine, what was asked of the kernel for that, and why it is no stronger. */
export async function probeSandbox(processes: ProcessRunner): Promise<SandboxProbe> {
  const { grade, weakness } = await createSandbox({ processes });
  return { grade, checked: grade === "none" ? [] : CHECKED, weakness };
}

/**
 * Deploys through a service's own commands. All of them share one HOME, which package managers and their daemons need.
 */
export function createDeployTarget({ dataDir }: Pick<Config, "dataDir">, clock: Clock) {
  const home = join(dataDir, "home");
  mkdirSync(home, { recursive: true });
  const processes = createProcessRunner({ home });
  return createCommandTarget({ processes, clock, sleep, dir: join(dataDir, "deploys") });
}

const sleep = (ms: number, signal?: AbortSignal) => delay(ms, undefined, signal === undefined ? {} : { signal });

/** The tools for the nodes: evidence, quick checks, reproductions, history, and a preflight if it is enabled. */
export function nodeTools(
  { claims, t0InWeakSandbox }: Pick<Config, "claims" | "t0InWeakSandbox">,
  tools: Tools,
  { testWriter, clock, stores }: Pick<Brains, "testWriter"> & { clock: Clock; stores: Stores },
): Pick<NodeParts, "gatherer" | "checkFor" | "reproducer" | "history" | "preflight"> {
  const { sandbox, tests, workspaces } = tools;
  // Tests by rules first, since they cost nothing; then tests that a model writes.
  const sources: TestSource[] = [
    createRequestTestSource(),
    createCallTestSource({ sandbox }),
    ...(testWriter ? [testWriter] : []),
  ];
  const mayRun = mayRunFor(sandbox.grade, t0InWeakSandbox);
  const runs = {
    gatherer: tests,
    checkFor: createQuickCheck(tests),
    reproducer: createReproducer({ runs: tests, clock, sources }),
  };
  return {
    ...withForeignRuns(runs, sandbox.grade, mayRun),
    history: workspaces,
    ...(claims.enabled && {
      preflight: createPreflight({
        ...stores,
        workspaces,
        history: workspaces,
        clock,
        claims,
        reproducesOnBase: async (workspace, event, signal) =>
          mayRun(event) ? reproducesOnBase(tests, workspace, event, signal) : null,
      }),
    }),
  };
}

/** null: the commands cannot run here, there is no reproduction, or it was inconclusive. */
async function reproducesOnBase(
  tests: TestRunner,
  workspace: Workspace,
  event: CapturedEvent,
  signal: AbortSignal,
): Promise<boolean | null> {
  if ((await tests.prepare(workspace, signal)) !== null) return null;
  const reproduced = (await tests.reproduceOnBase(workspace, event, { signal }))?.reproduced;
  return reproduced === "yes" ? true : reproduced === "no" ? false : null;
}
