import { randomUUID } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { SqliteSaver } from "@langchain/langgraph-checkpoint-sqlite";
import { currentBase } from "../agents/branch/baseCommit.ts";
import { createCallTests } from "../agents/coder/callTests.ts";
import { createReproducer, type TestSource } from "../agents/coder/reproducer.ts";
import { createRequestTests } from "../agents/coder/requestTests.ts";
import { type CanaryGuard, createCanaryGuard } from "../agents/deployer/canaryGuard.ts";
import type { AgentDeps } from "../agents/deps.ts";
import { createLookBefore } from "../agents/planner/preflight.ts";
import { createRails, type Rails } from "../autonomy/circuitBreaker.ts";
import { createKillSwitch, type WatchedKillSwitch } from "../autonomy/killSwitch.ts";
import { createAutonomyBoard, type LevelDeps, levelOf } from "../autonomy/levels.ts";
import { createRecall, remembering } from "../autonomy/memory.ts";
import { createRecordOutcome } from "../autonomy/recordOutcome.ts";
import { autonomySetting, type Config, createLiveConfig, type LiveConfig, policyFor } from "../config/index.ts";
import { createCommandTarget } from "../deploy/commandTarget.ts";
import type { PromptPreview } from "../domain/agentPrompt.ts";
import type { AutonomyBoard } from "../domain/autonomy.ts";
import { SelfhealError } from "../domain/errors.ts";
import type { SandboxGrade } from "../domain/evidence.ts";
import type { ByHand } from "../domain/manualAction.ts";
import type { ChatModel } from "../domain/ports/chatModel.ts";
import type { Clock } from "../domain/ports/clock.ts";
import type { Log } from "../domain/ports/log.ts";
import type { Notifier } from "../domain/ports/notifier.ts";
import type { ProcessRunner } from "../domain/ports/processRunner.ts";
import type { Retention } from "../domain/ports/retention.ts";
import type { RunStarter } from "../domain/ports/runStarter.ts";
import type { Sandbox } from "../domain/ports/sandbox.ts";
import type { Workspaces } from "../domain/ports/workspace.ts";
import type { Service } from "../domain/service.ts";
import type { Regroup } from "../domain/taughtRule.ts";
import { createEntrance } from "../graph/drain.ts";
import { createQuestions } from "../graph/escalation.ts";
import { createGraph, type SelfhealGraph } from "../graph/graph.ts";
import { createHeadway } from "../graph/heartbeat.ts";
import { claimedNodes, endFormerClaims } from "../graph/ticketLease.ts";
import { fingerprint } from "../ingest/grouping/fingerprint.ts";
import { type EmbeddedStores, type OpenedStores, openEmbeddedStores } from "../store/embedded.ts";
import { closeQuiet } from "../tickets/closeQuietTickets.ts";
import { createByHand } from "../tickets/manualActions.ts";
import { createRegroup } from "../tickets/mergeAndSplit.ts";
import { createWorkspaces } from "../tools/git/workspaces.ts";
import { createProcessRunner, type LocalProcessRunner } from "../tools/sandbox/processRunner.ts";
import { createSandbox } from "../tools/sandbox/sandbox.ts";
import { createQuickCheck } from "../tools/tests/quickCheck.ts";
import { createTestRunner } from "../tools/tests/testRunner.ts";
import { type Brains, createBrains, type ModelSecrets } from "./brains.ts";
import { createMeter } from "./modelBudget.ts";
import { createNodes } from "./nodes.ts";
import { createTelling, type Telling } from "./notifications.ts";
import { createPromptPreview } from "./promptPreview.ts";

/** Milliseconds a node may take that runs no commands. */
const NODE_TIMEOUT_MS = 60_000;
/** Milliseconds by which a command that is stopped at its timeout may be late. */
const MARGIN_MS = 30_000;

/** What comes from outside the configuration: the process's own world. */
export interface World {
  clock: Clock;
  log: Log;
  secrets: ModelSecrets;
  /** Who tells people; default: the configured channels. */
  notifier?: Notifier;
  /** The value of an environment variable that the configuration names; default: none is set. */
  secretOf?: (name: string) => string | undefined;
  /** Who stands behind the agents; default: as configured. */
  brains?: Brains;
  /** The kill switch as the environment sets it; default: off. */
  paused?: boolean;
  /** The strongest sandbox to try; for tests of weaker grades. */
  sandbox?: SandboxGrade;
}

/** Everything that works together in one process, over one data folder. */
export interface System {
  /** Reads as it holds now; see LiveConfig. */
  config: Config;
  live: LiveConfig;
  clock: Clock;
  log: Log;
  stores: EmbeddedStores;
  graph: SelfhealGraph;
  sandbox: Sandbox;
  workspaces: Workspaces;
  brains: Brains;
  services: ReadonlyMap<string, Service>;
  notifier: Notifier;
  killSwitch: WatchedKillSwitch;
  rails: Rails;
  /** Sends what there is to tell, once; see Telling. */
  tell: Telling["tell"];
  autonomy: AutonomyBoard;
  byHand: ByHand;
  regroup: Regroup;
  prompts: PromptPreview;
  /** Closes tickets that were only observed, and whose Issues have been quiet. Returns how many. */
  closeQuiet(): Promise<number>;
  guardCanary: CanaryGuard;
  saver: SqliteSaver;
  retention: Retention;
  /** Who starts runs; set once by whoever runs the graph, used by the graph for sibling runs. */
  runBy(starter: RunStarter): void;
  starter: RunStarter;
  /** Lets steps that are under way come to their end; none begins. False when they took longer than the configuration allows. */
  drain(): Promise<boolean>;
  /** Closes the stores, and ends the commands that run in a sandbox. Runs that are under way stay at their last checkpoint. */
  close(): Promise<void>;
}

/** Makes the system: real clock, model, git and stores are chosen here and nowhere else. */
export async function compose(config: Config, world: World): Promise<System> {
  const stores = await openEmbeddedStores(config.dataDir, world.clock);
  try {
    return await assemble(createLiveConfig(config), world, stores);
  } catch (error) {
    await stores.close();
    throw error;
  }
}

async function assemble(live: LiveConfig, world: World, stores: OpenedStores): Promise<System> {
  const { config } = live;
  const { clock, log } = world;
  const commands = stoppable(createProcessRunner());
  const { processes } = commands;
  const headway = createHeadway({ ...stores, clock, stuckAfterMs: () => stuckAfter(config) });
  const entrance = createEntrance();
  const sandbox = headway.sandbox(
    await createSandbox({
      processes,
      scratch: join(config.dataDir, "sandbox"),
      ...(world.sandbox && { maximum: world.sandbox }),
    }),
  );
  const workspaces = createWorkspaces({ dataDir: config.dataDir, clock });
  const services = new Map(config.services.map((service) => [service.name, service]));
  live.subscribe((now) => {
    for (const service of now.services) services.set(service.name, service);
  });
  const secretOf = world.secretOf ?? (() => undefined);
  const telling = await createTelling(live, { stores, clock, log, secretOf, random: Math.random });
  const notifier = world.notifier ?? telling.notifier;
  // Deploy commands keep a HOME: package managers and the daemons they leave behind want one that stays.
  const home = join(config.dataDir, "home");
  mkdirSync(home, { recursive: true });
  const deployProcesses = createProcessRunner({ home });
  const meter = createMeter({ ...stores, config: () => config, clock });
  const wrapModel = (agent: string, model: ChatModel) => headway.model(meter.model(agent, model));
  const brains = world.brains ?? createBrains(config, world.secrets, { clock, wrapModel });
  const saver = new SqliteSaver(stores.checkpoints);
  const killSwitch = createKillSwitch({
    enabled: () => config.enabled,
    environment: world.paused ?? false,
    file: config.killSwitchFile ?? join(config.dataDir, "PAUSE"),
    settings: stores.settings,
  });
  const rails = createRails({ ...stores, clock });
  const late = lateStarter();
  const tests = createTestRunner({ sandbox, blobs: stores.blobs });
  const levels: LevelDeps = {
    ...stores,
    clock,
    services,
    settingOf: (service) => autonomySetting(config, service),
    rule: () => config.earnedAutonomy,
  };
  const recordOutcome = remembering({ ...stores, clock }, createRecordOutcome(levels));
  const agents: AgentDeps = {
    ...stores,
    workspaces,
    services,
    recordOutcome,
    policyOf: async (service, ticket) => policyFor(config, service, (await levelOf(levels, service, ticket)).effective),
    clock,
    log,
  };
  const target = createCommandTarget({
    processes: deployProcesses,
    clock,
    sleep,
    dir: join(config.dataDir, "deploys"),
  });
  const nodes = createNodes(config, {
    lookBefore: config.claims.enabled
      ? createLookBefore({
          ...stores,
          workspaces,
          history: workspaces,
          clock,
          claims: config.claims,
          reproducesOnBase: async (workspace, event, signal) => {
            if ((await tests.prepare(workspace, signal)) !== null) return null;
            const reproduced = (await tests.reproduceOnBase(workspace, event, { signal }))?.reproduced;
            return reproduced === "yes" ? true : reproduced === "no" ? false : null;
          },
        })
      : undefined,
    agents,
    stores,
    brains,
    gatherer: tests,
    checkFor: createQuickCheck(tests),
    reproducer: createReproducer({ runs: tests, clock, sources: testSources(sandbox, brains) }),
    history: workspaces,
    recall: createRecall(stores),
    target,
    canaries: target.canaries,
    notifier,
    starter: late.starter,
    killSwitch,
    rails,
  });
  const boot = randomUUID();
  await endFormerClaims(stores.leases, boot);
  const slowestMs = commandTimeout(config);
  const graph = createGraph({
    nodes: entrance.nodes(
      claimedNodes(headway.nodes(meter.nodes(nodes)), { ...stores, boot, nodeTimeoutMs: slowestMs }),
    ),
    question: createQuestions(stores.tickets),
    checkpointer: saver,
    maxAttempts: config.maxAttempts,
    nodeTimeoutMs: NODE_TIMEOUT_MS,
    commandTimeoutMs: slowestMs,
  });
  return {
    config,
    live,
    clock,
    log,
    stores,
    graph,
    sandbox,
    workspaces,
    brains,
    services,
    notifier,
    killSwitch,
    rails,
    tell: telling.tell,
    autonomy: createAutonomyBoard(levels),
    byHand: createByHand({ ...agents, history: workspaces, dismissForMs: () => config.claims.suppressForMs }),
    guardCanary: createCanaryGuard({ ...agents, ...stores, rails, target, canaries: target.canaries }),
    prompts: createPromptPreview({
      agents,
      config,
      history: workspaces,
      recall: createRecall(stores),
      baseOf: (service) => currentBase({ workspaces, journal: stores.journal }, service),
    }),
    regroup: createRegroup({
      ...stores,
      clock,
      fingerprintOf: (event) => fingerprint(event, config.grouping.rules),
    }),
    closeQuiet: () => closeQuiet({ ...stores, clock, quietForMs: () => config.claims.quietForMs }),
    saver,
    retention: stores.retention(
      { ...config.retention, trackRecordMs: config.earnedAutonomy.windowMs },
      workspaces.leftovers,
    ),
    runBy: late.set,
    starter: late.starter,
    drain: () => entrance.drain(config.drainMs),
    async close() {
      // The stores first: nothing is to be written about a command that is cut off here.
      await stores.close();
      await commands.stop();
    },
  };
}

/** Rules first: they cost nothing. */
function testSources(sandbox: Sandbox, { testWriter }: Brains): TestSource[] {
  return [createRequestTests(), createCallTests({ sandbox }), ...(testWriter ? [testWriter] : [])];
}

const sleep = (ms: number, signal?: AbortSignal) => delay(ms, undefined, signal === undefined ? {} : { signal });

/** The same runner; `stop` ends what it runs, and resolves once that has tidied up. */
function stoppable(runner: LocalProcessRunner): { processes: LocalProcessRunner; stop(): Promise<void> } {
  const underWay = new Set<Promise<unknown>>();
  const stopping = new AbortController();
  return {
    processes: {
      run(spec) {
        const signal = spec.signal ? AbortSignal.any([spec.signal, stopping.signal]) : stopping.signal;
        const running = runner.run({ ...spec, signal }).finally(() => underWay.delete(running));
        underWay.add(running);
        return running;
      },
    },
    async stop() {
      stopping.abort();
      await Promise.allSettled([...underWay]);
    },
  };
}

/** The strongest sandbox that works on this machine. */
export async function probeSandbox(processes: ProcessRunner): Promise<SandboxGrade> {
  return (await createSandbox({ processes })).grade;
}

/** The graph needs who starts runs, and who starts runs needs the graph: set once, before the first run. */
function lateStarter(): { starter: RunStarter; set(starter: RunStarter): void } {
  let real: RunStarter | undefined;
  const get = () => {
    if (real === undefined) throw new SelfhealError("noRunner", "no runner was set: call runBy() before the first run");
    return real;
  };
  return {
    starter: {
      start: (threadId, input) => get().start(threadId, input),
      resume: (threadId, decision) => get().resume(threadId, decision),
      stop: (threadId) => get().stop(threadId),
    },
    set: (starter) => {
      real = starter;
    },
  };
}

/** A command that is still allowed to run is no standstill. */
function stuckAfter(config: Config): number {
  const command = Math.max(0, ...config.services.map((s) => s.testTimeoutMs), config.model.timeoutMs);
  return Math.max(config.escalationTimeoutMs, command + MARGIN_MS);
}

/** Milliseconds for a node that runs a service's commands: suites on base and patch, twice for flakes, many candidates. */
function commandTimeout(config: Config): number {
  const slowest = Math.max(120_000, ...config.services.map((s) => s.testTimeoutMs + s.deployTimeoutMs));
  return slowest * 8;
}
