import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { SqliteSaver } from "@langchain/langgraph-checkpoint-sqlite";
import { baseCommitOf } from "../agents/branch/baseCommit.ts";
import { type CanaryWatch, createCanaryWatch } from "../agents/deployer/watchCanaryDuringApproval.ts";
import type { AgentDeps } from "../agents/deps.ts";
import { createTriageOnRequest } from "../agents/triage/triageOnRequest.ts";
import { createAutonomyBoard } from "../autonomy/autonomyBoard.ts";
import { type CircuitBreaker, createCircuitBreaker } from "../autonomy/circuitBreaker.ts";
import { createKillSwitch, type WatchedKillSwitch } from "../autonomy/killSwitch.ts";
import { type LevelDeps, levelOf } from "../autonomy/levelInEffect.ts";
import { createRecall, withMemory } from "../autonomy/memory.ts";
import { createRecordOutcome } from "../autonomy/recordOutcome.ts";
import { autonomySetting, type Config, createLiveConfig, type LiveConfig, policyFor } from "../config/index.ts";
import type { ProviderSettings } from "../dashboard/access/signInProviders.ts";
import type { PromptPreview } from "../domain/agentPrompt.ts";
import type { AutonomyBoard } from "../domain/autonomy.ts";
import type { SandboxGrade } from "../domain/evidence.ts";
import type { ManualActions } from "../domain/manualAction.ts";
import type { ChatModel } from "../domain/ports/chatModel.ts";
import type { Clock } from "../domain/ports/clock.ts";
import type { Log } from "../domain/ports/log.ts";
import type { Notifier } from "../domain/ports/notifier.ts";
import type { Retention } from "../domain/ports/retention.ts";
import type { RunStarter } from "../domain/ports/runStarter.ts";
import type { Sandbox } from "../domain/ports/sandbox.ts";
import type { Workspaces } from "../domain/ports/workspace.ts";
import type { Service } from "../domain/service.ts";
import type { MergeAndSplit } from "../domain/taughtRule.ts";
import { createGraph, type SelfhealGraph } from "../graph/graph.ts";
import { createQuestions } from "../graph/nodes/escalation.ts";
import { wrapNodes } from "../graph/wrapNodes.ts";
import { createHeartbeat } from "../graph/wrappers/agentHeartbeat.ts";
import { createDrain } from "../graph/wrappers/drain.ts";
import { endPreviousLeases } from "../graph/wrappers/ticketLease.ts";
import { fingerprint } from "../ingest/grouping/fingerprint.ts";
import { type EmbeddedStores, type OpenedStores, openEmbeddedStores } from "../store/embedded.ts";
import { closeQuietTickets } from "../tickets/closeQuietTickets.ts";
import { createManualActions } from "../tickets/manualActions.ts";
import { createMergeAndSplit } from "../tickets/mergeAndSplit.ts";
import { type Brains, createBrains, type ModelSecrets } from "./brains.ts";
import { createLateRunStarter } from "./lateRunStarter.ts";
import { createModelBudget } from "./modelBudget.ts";
import { createNodes } from "./nodes.ts";
import { createNotifications, type Notifications } from "./notifications.ts";
import { createPromptPreview } from "./promptPreview.ts";
import { signInProviders } from "./signInProviders.ts";
import { commandTimeout, NODE_TIMEOUT_MS, stuckAfter } from "./timeouts.ts";
import { createDeployTarget, createTools, nodeTools } from "./tools.ts";

/** What comes from outside the configuration: the environment of the process. */
export interface World {
  clock: Clock;
  log: Log;
  secrets: ModelSecrets;
  /** Notifies people. Default: the configured channels. */
  notifier?: Notifier;
  /** The value of an environment variable that the configuration names. Default: none is set. */
  secretOf?: (name: string) => string | undefined;
  /** The brains of the agents. Default: as configured. */
  brains?: Brains;
  /** Whether the environment sets the kill switch. Default: off. */
  paused?: boolean;
  /** The strongest sandbox to try; for tests of weaker grades. */
  sandbox?: SandboxGrade;
}

/** Everything that works together in one process, over one data folder. */
export interface System {
  /** Always reads the current values; see LiveConfig. */
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
  /** Providers that people sign in with, with their secrets. */
  signIn: readonly ProviderSettings[];
  notifier: Notifier;
  killSwitch: WatchedKillSwitch;
  breaker: CircuitBreaker;
  /** One pass of notifications; see Notifications. */
  sendNotifications: Notifications["send"];
  autonomy: AutonomyBoard;
  manualActions: ManualActions;
  mergeAndSplit: MergeAndSplit;
  prompts: PromptPreview;
  /** Closes tickets that were only observed and whose Issues have been quiet. Returns how many. */
  closeQuietTickets(): Promise<number>;
  watchCanary: CanaryWatch;
  saver: SqliteSaver;
  retention: Retention;
  /** Sets the starter of runs. The owner of the graph calls it once; the graph uses the starter for sibling runs. */
  runBy(starter: RunStarter): void;
  starter: RunStarter;
  /** Starts no further node and waits for the running ones. Returns false if they took longer than `drainMs`. */
  drain(): Promise<boolean>;
  /** Closes the stores and stops the commands in the sandbox. Interrupted runs stay at their last checkpoint. */
  close(): Promise<void>;
}

/** Builds the system. Only here are the real model, git and stores chosen; the clock comes with `world`. */
export async function compose(config: Config, world: World): Promise<System> {
  const stores = await openEmbeddedStores(config.dataDir, world.clock);
  try {
    return await assemble(createLiveConfig(config), world, stores);
  } catch (error) {
    await stores.close();
    throw error;
  }
}

/** Builds the parts of the system in the order of their dependencies. */
async function assemble(live: LiveConfig, world: World, stores: OpenedStores): Promise<System> {
  const { config } = live;
  const { clock, log, secretOf = () => undefined } = world;
  const services = followServices(live);
  const late = createLateRunStarter();

  const heartbeat = createHeartbeat({ ...stores, clock, stuckAfterMs: () => stuckAfter(config) });
  const drain = createDrain();
  const modelBudget = createModelBudget({ ...stores, config: () => config, clock });
  const wrapModel = (agent: string, model: ChatModel) => heartbeat.model(modelBudget.model(agent, model));
  const brains = world.brains ?? createBrains(config, world.secrets, { clock, wrapModel });

  const { blobs } = stores;
  const tools = await createTools(config, { clock, blobs, maximum: world.sandbox, wrapSandbox: heartbeat.sandbox });
  const { sandbox, workspaces } = tools;
  const target = createDeployTarget(config, clock);

  const notifications = await createNotifications(live, { stores, clock, log, secretOf, random: Math.random });
  const notifier = world.notifier ?? notifications.notifier;
  const killSwitch = createKillSwitch({
    enabled: () => config.enabled,
    environment: world.paused ?? false,
    file: config.killSwitchFile ?? join(config.dataDir, "PAUSE"),
    settings: stores.settings,
  });
  const breaker = createCircuitBreaker({ ...stores, clock });
  const levels = levelDeps(config, { stores, clock, services });
  const agents: AgentDeps = {
    ...stores,
    workspaces,
    services,
    recordOutcome: withMemory({ ...stores, clock }, createRecordOutcome(levels)),
    policyOf: async (service, ticket) => policyFor(config, service, (await levelOf(levels, service, ticket)).effective),
    clock,
    log,
  };
  const recall = createRecall(stores);

  const nodes = createNodes(config, {
    agents,
    stores,
    brains,
    ...nodeTools(config, tools, { ...brains, clock, stores }),
    recall,
    target,
    canaries: target.canaries,
    notifier,
    starter: late.starter,
    killSwitch,
    breaker,
  });
  const saver = new SqliteSaver(stores.checkpoints);
  const boot = randomUUID();
  await endPreviousLeases(stores.leases, boot);
  const slowestNodeMs = commandTimeout(config);
  const graph = createGraph({
    nodes: wrapNodes(nodes, { ...stores, drain, heartbeat, modelBudget, boot, slowestNodeMs }),
    question: createQuestions(stores.tickets),
    checkpointer: saver,
    maxAttempts: config.maxAttempts,
    nodeTimeoutMs: NODE_TIMEOUT_MS,
    commandTimeoutMs: slowestNodeMs,
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
    signIn: signInProviders(config, secretOf),
    notifier,
    killSwitch,
    breaker,
    sendNotifications: notifications.send,
    autonomy: createAutonomyBoard(levels),
    manualActions: createManualActions({
      ...agents,
      history: workspaces,
      triageBatch: createTriageOnRequest(agents),
      dismissForMs: () => config.claims.suppressForMs,
    }),
    watchCanary: createCanaryWatch({ ...agents, ...stores, breaker, target, canaries: target.canaries }),
    prompts: createPromptPreview({
      agents,
      config,
      history: workspaces,
      recall,
      baseOf: (service) => baseCommitOf({ workspaces, journal: stores.journal }, service),
    }),
    mergeAndSplit: createMergeAndSplit({
      ...stores,
      clock,
      fingerprintOf: (event) => fingerprint(event, config.grouping.rules),
    }),
    closeQuietTickets: () => closeQuietTickets({ ...stores, clock, quietForMs: () => config.claims.quietForMs }),
    saver,
    retention: stores.retention(
      { ...config.retention, trackRecordMs: config.earnedAutonomy.windowMs },
      workspaces.leftovers,
    ),
    runBy: late.set,
    starter: late.starter,
    drain: () => drain.drain(config.drainMs),
    async close() {
      // Stores first: nothing must be recorded about a command that is stopped here.
      await stores.close();
      await tools.stop();
    },
  };
}

/** The services by name, always with their current configuration. */
function followServices({ config, subscribe }: LiveConfig): ReadonlyMap<string, Service> {
  const services = new Map(config.services.map((service) => [service.name, service]));
  subscribe((now) => {
    for (const service of now.services) services.set(service.name, service);
  });
  return services;
}

function levelDeps(
  config: Config,
  { stores, ...deps }: { stores: EmbeddedStores; clock: Clock; services: ReadonlyMap<string, Service> },
): LevelDeps {
  return {
    ...stores,
    ...deps,
    settingOf: (service) => autonomySetting(config, service),
    rule: () => config.earnedAutonomy,
  };
}
