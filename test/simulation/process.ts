import type { AgentDeps } from "../../src/agents/deps.ts";
import { createCircuitBreaker } from "../../src/autonomy/circuitBreaker.ts";
import type { KillSwitch } from "../../src/autonomy/killSwitch.ts";
import { createNodes } from "../../src/composition/nodes.ts";
import { policyFor } from "../../src/config/index.ts";
import { messageOf } from "../../src/domain/errors.ts";
import { ticketId } from "../../src/domain/ids.ts";
import type { DeployTarget } from "../../src/domain/ports/deployTarget.ts";
import type { Log } from "../../src/domain/ports/log.ts";
import type { RunStarter } from "../../src/domain/ports/runStarter.ts";
import { PAUSED_KEY } from "../../src/domain/ports/settings.ts";
import { createGraph } from "../../src/graph/graph.ts";
import { createQuestions } from "../../src/graph/nodes/escalation.ts";
import { redeliverAnswers } from "../../src/graph/redeliverAnswers.ts";
import { createWakeUpTimer } from "../../src/graph/wakeUpTimer.ts";
import { endPreviousLeases, leasedNodes } from "../../src/graph/wrappers/ticketLease.ts";
import { type Batcher, createBatcher } from "../../src/ingest/digest/batcher.ts";
import { createDigester, type Digester } from "../../src/ingest/digest/digest.ts";
import type { EmbeddedStores } from "../../src/store/embedded.ts";
import { createBrains, createGatherer, noCheck, noReproduction } from "./brains.ts";
import type { Bug } from "./bugs.ts";
import { openStores } from "./disk.ts";
import type { Engine } from "./engine.ts";
import { openWorkspaces } from "./git.ts";
import { createPretendedHost, endLeftRuns, type PretendedHost } from "./host.ts";
import { createLangGraphEngine, savingWhile } from "./langGraphEngine.ts";
import type { Life } from "./scheduler.ts";
import { createStepper } from "./stepper.ts";
import type { World } from "./world.ts";

/** As compose sets them. */
const NODE_TIMEOUT_MS = 60_000;
const COMMAND_TIMEOUT_MS = 300_000;

/** selfheal, started once over the world: real nodes, graph, alarm, digester and batcher. */
export interface SelfhealProcess {
  life: Life;
  stores: EmbeddedStores;
  host: PretendedHost;
  engine: Engine;
  /** What the timers of the server do: digest, close windows, ring the alarm; at most one of each at a time. */
  tick(): void;
  /** Its stores are its own, and its server listens: nobody can say anything to it before. */
  opened: Promise<void>;
  /** Whether start-up, digesting or the alarm is under way. */
  readonly isBusy: boolean;
}

export function startProcess(world: World, number: number): SelfhealProcess {
  const { config, disk, scheduler, time } = world;
  const life: Life = { number, alive: true, stopped: false };
  const alive = () => life.alive;
  endLeftRuns(disk.runs);
  const write = <T>(name: string, job: () => T) => scheduler.effect(life, "disk", name, job);
  const bug: Partial<Bug> = world.bug ?? {};
  const opened = openStores(disk, write, time);
  const stores = bug.stores?.(opened, world) ?? opened;
  const log = logOf(world, life);
  const real = world.production.target(life);
  const parts = partsOf(world, life, { stores, log, target: bug.target?.(real, world) ?? real });
  const history = {
    branches: async () => [],
    lineChanges: async () => [],
    commitsOn: async () => [],
    changeOf: async () => "",
  };
  const made = createNodes(config, { ...parts, history, recall: async () => [], starter: late(() => host) });
  const boot = `boot ${number}`;
  const nodes = leasedNodes(bug.nodes?.(made, world) ?? made, { ...stores, boot, slowestNodeMs: COMMAND_TIMEOUT_MS });
  const question = createQuestions(stores.tickets);
  const graph = createGraph({
    nodes,
    question,
    checkpointer: savingWhile(world.saver, alive),
    maxAttempts: config.maxAttempts,
    nodeTimeoutMs: NODE_TIMEOUT_MS,
    commandTimeoutMs: COMMAND_TIMEOUT_MS,
  });
  const engine =
    world.engine === "langGraph"
      ? createLangGraphEngine(graph)
      : createStepper({
          graph,
          question,
          threads: disk.threads,
          alive,
          after: (ms, fire) => time.after(ms, life, fire),
        });
  const host: PretendedHost = createPretendedHost({
    engine,
    ticketOf: (id) => stores.tickets.get(id),
    runs: disk.runs,
    write,
    wait: (ms) => scheduler.effect(life, "self", "waits", () => undefined, ms),
    alive,
    onError: (threadId, error) => log.error("a run failed", { thread: threadId, error: messageOf(error) }),
  });
  return { life, stores, host, engine, ...loops(world, { life, boot, stores, host, log, notifier: parts.notifier }) };
}

function partsOf(world: World, life: Life, given: { stores: EmbeddedStores; log: Log; target: DeployTarget }) {
  const { config, random, scheduler, time } = world;
  const { stores, log, target } = given;
  const think = <T>(name: string, apply: () => T, delayMs = 0) => scheduler.effect(life, "brain", name, apply, delayMs);
  const agents: AgentDeps = {
    ...stores,
    workspaces: openWorkspaces(world.git, (name, apply) => scheduler.effect(life, "git", name, apply)),
    services: world.services,
    policyOf: async (service) => policyFor(config, service, service.autonomy ?? config.autonomy),
    recordOutcome: async () => undefined,
    clock: time,
    log,
  };
  return {
    agents,
    stores,
    brains: createBrains(random, think),
    gatherer: createGatherer(random, think, world.oracle.tested),
    checkFor: noCheck,
    reproducer: noReproduction,
    target,
    killSwitch: killSwitchOf(stores),
    breaker: createCircuitBreaker({ ...stores, clock: time }),
    notifier: { notify: async () => undefined },
  };
}

/** Its button only: the file and the environment are outside of this world. */
function killSwitchOf({ settings }: EmbeddedStores): KillSwitch {
  return { reason: async () => ((await settings.get(PAUSED_KEY)) === "true" ? "a person paused it" : null) };
}

/** The host needs the graph, and the graph's nodes need the host. */
function late(host: () => PretendedHost): RunStarter {
  return {
    stop: (threadId) => host().stop(threadId),
    start: (threadId, input) => host().start(threadId, input),
    resume: (threadId, decision) => host().resume(threadId, decision),
  };
}

function logOf(world: World, life: Life): Log {
  const keep = (level: string) => (message: string, facts?: unknown) =>
    world.note(`process ${life.number} ${level}: ${message} ${JSON.stringify(facts ?? {})}`);
  return { info: keep("info"), warn: keep("warning"), error: keep("error") };
}

const noCanary = async (id: string): Promise<null> => {
  throw new Error(`no service here has a canary, and that of ${id} is looked at`);
};

interface LoopParts {
  life: Life;
  boot: string;
  stores: EmbeddedStores;
  host: PretendedHost;
  log: Log;
  notifier: Parameters<typeof createWakeUpTimer>[0]["notifier"];
}

/** The loops of src/server/server.ts. */
function loops(
  world: World,
  { life, boot, stores, host, log, notifier }: LoopParts,
): Pick<SelfhealProcess, "tick" | "isBusy" | "opened"> {
  const { config, time } = world;
  const paused = async () => (await killSwitchOf(stores).reason()) !== null;
  const wakeUpTimer = createWakeUpTimer({
    ...stores,
    starter: host,
    notifier,
    clock: time,
    paused,
    watchCanary: noCanary,
  });
  const times = { debounceMs: config.debounceMs, maxWaitMs: config.maxWaitMs };
  const digester = createDigester({ ...stores, clock: time, times, ticket: (id) => stores.tickets.get(id) });
  const start = (batch: { id: string }) => host.start(ticketId(batch.id, 0), { entry: "batch", batchId: batch.id });
  const batcher = createBatcher({ ...stores, start });
  const underWay = new Set<string>();
  const once = (name: string, work: () => Promise<void>) => {
    if (underWay.has(name)) return;
    underWay.add(name);
    const failed = (error: unknown) => log.error(`${name} failed`, { error: messageOf(error) });
    void work()
      .catch(failed)
      .finally(() => underWay.delete(name));
  };
  let up = false;
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  once("start-up", async () => {
    try {
      await endPreviousLeases(stores.leases, boot);
    } catch {
      // As the program does: it says why, and ends.
      return world.scheduler.lose(life);
    }
    open();
    host.work();
    await host.recover();
    await redeliverAnswers(stores.tickets, host.resumeNow, log);
    up = true;
  });
  return {
    opened,
    tick() {
      if (!up) return;
      once("pump", () => pump(world, digester, batcher));
      once("alarm", () => wakeUpTimer.fireDue());
    },
    get isBusy() {
      return underWay.size > 0;
    },
  };
}

async function pump({ time }: World, digester: Digester, batcher: Batcher): Promise<void> {
  await digester.digestPending();
  await batcher.closeDue(time.now());
}
