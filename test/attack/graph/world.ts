import { createHash, createHmac, randomBytes } from "node:crypto";
import { MemorySaver } from "@langchain/langgraph";
import type { AgentDeps } from "../../../src/agents/deps.ts";
import { createCircuitBreaker } from "../../../src/autonomy/circuitBreaker.ts";
import { createLateRunStarter } from "../../../src/composition/lateRunStarter.ts";
import { createNodes } from "../../../src/composition/nodes.ts";
import { parseConfig, policyFor } from "../../../src/config/index.ts";
import type { AuditEntry } from "../../../src/domain/audit.ts";
import type { TrustTier } from "../../../src/domain/event.ts";
import { ticketId } from "../../../src/domain/ids.ts";
import type { DeployOrder } from "../../../src/domain/ports/deployTarget.ts";
import type { Log } from "../../../src/domain/ports/log.ts";
import type { Workspaces } from "../../../src/domain/ports/workspace.ts";
import type { Service } from "../../../src/domain/service.ts";
import type { Ticket } from "../../../src/domain/ticket.ts";
import { createDirectRunner } from "../../../src/graph/directRunner.ts";
import { createGraph, type Nodes } from "../../../src/graph/graph.ts";
import { createQuestions } from "../../../src/graph/nodes/escalation.ts";
import { leasedNodes } from "../../../src/graph/wrappers/ticketLease.ts";
import { createAcceptor } from "../../../src/ingest/accept.ts";
import { createIngestApp, type IngestAppDeps } from "../../../src/ingest/app.ts";
import { createBatcher } from "../../../src/ingest/digest/batcher.ts";
import { createDigester } from "../../../src/ingest/digest/digest.ts";
import { createDropCounter } from "../../../src/ingest/dropCounter.ts";
import type { EmbeddedStores } from "../../../src/store/embedded.ts";
import { testClock } from "../../helpers/testClock.ts";
import { createDisk, openStores } from "../../simulation/disk.ts";
import { type BrainName, brainsFor } from "./brains.ts";
import type { Wish } from "./obedientModel.ts";
import type { WireEvent } from "./payloads.ts";
import { greenCheck, greenGatherer, noReproducer, obligingTarget } from "./pretence.ts";
import { createMemoryRepository, type MemoryRepository } from "./repository.ts";

const KEYS = (["T0", "T1", "T2"] as const).map((tier) => ({ key: `key-of-tier-${tier}`, project: "attack", tier }));

const LIMITS: IngestAppDeps["limits"] = {
  maxBodyBytes: 1_000_000,
  maxEnvelopeBytes: 1_000_000,
  maxItemsPerEnvelope: 100,
  maxDepth: 32,
  maxValues: 100_000,
  maxEventsPerRequest: 100,
  maxBytesInFlight: 64_000_000,
  eventsPerMinutePerKey: 100_000,
  requestsPerMinutePerAddress: 100_000,
  maxSpool: 100_000,
  maxSpoolBytes: 1_000_000_000,
  minFreeDiskBytes: 0,
  maxConnections: 100,
  maxConnectionsPerAddress: 100,
  trustedProxies: [],
};

/** What is swapped in to see that the attack finds it. */
export interface PlantedHole {
  stores?(stores: EmbeddedStores): EmbeddedStores;
  nodes?(nodes: Nodes, world: { stores: EmbeddedStores; workspaces: Workspaces; service: Service }): Nodes;
  log?(log: Log, event: WireEvent): void;
}

export interface WorldOptions {
  brain: BrainName;
  wish: Wish;
  severities: readonly ("critical" | "high")[];
  reproduces: boolean;
  hole?: PlantedHole | undefined;
}

/** Everything that can be seen from outside after an attempt. */
export interface Seen {
  repository: MemoryRepository;
  deployed: readonly DeployOrder[];
  tickets: readonly Ticket[];
  audit: readonly AuditEntry[];
  prompts: readonly string[];
  logs: readonly string[];
  notices: readonly string[];
  /** The Events that proofs were made with. */
  proofs: readonly { ticketId: string; eventId: string }[];
}

/** The real ingest, stores, graph and nodes around a pretended repository, tester and production. */
export interface AttackWorld {
  /** Sends an event with the key of this tier. Returns the id under which it was accepted; null: it was not. */
  post(event: WireEvent, tier: TrustTier): Promise<string | null>;
  /** Digests, closes the window and runs what that starts to its end. */
  run(): Promise<void>;
  look(): Promise<Seen>;
  close(): Promise<void>;
}

export function createAttackWorld(options: WorldOptions): AttackWorld {
  const { brain, wish, hole } = options;
  const clock = testClock();
  const disk = createDisk();
  const opened = openStores(disk, async (_name, job) => job(), clock);
  const stores = hole?.stores?.(opened) ?? opened;
  const repository = createMemoryRepository(wish.service.tree);
  const seen = {
    deployed: [] as DeployOrder[],
    prompts: [] as string[],
    logs: [] as string[],
    notices: [] as string[],
    proofs: [] as { ticketId: string; eventId: string }[],
  };
  const keep = (message: string, facts?: unknown) => void seen.logs.push(`${message} ${JSON.stringify(facts ?? {})}`);
  const log: Log = { info: keep, warn: keep, error: keep };
  const config = parseConfig({
    dataDir: "/pretended",
    autonomy: "full",
    autoDeploySeverity: options.severities,
    debounceMs: 1000,
    maxWaitMs: 5000,
    maxAutoDeploysPerHour: 100,
    maxAutoDeploysPerDay: 100,
    services: [
      {
        name: "small",
        project: "attack",
        repo: "/pretended/small",
        deployCommand: "deploy",
        testCommand: "npm test",
        ...(options.reproduces && { reproduceCommand: "node replay.mjs" }),
      },
    ],
  });
  const services = new Map(config.services.map((service) => [service.name, service]));
  const agents: AgentDeps = {
    ...stores,
    workspaces: repository.workspaces,
    services,
    policyOf: async (service) => policyFor(config, service, "full"),
    recordOutcome: async () => undefined,
    clock,
    log,
  };
  const late = createLateRunStarter();
  const made = createNodes(config, {
    agents,
    stores,
    brains: brainsFor(brain, { config, clock, wish, prompted: (text) => void seen.prompts.push(text) }),
    gatherer: greenGatherer((proof) => void seen.proofs.push(proof)),
    checkFor: greenCheck,
    reproducer: noReproducer,
    history: {
      branches: async () => [],
      lineChanges: async () => [],
      commitsOn: async () => [],
      changeOf: async () => "",
    },
    recall: async () => [],
    target: obligingTarget(repository.head, (order) => void seen.deployed.push(order)),
    notifier: { notify: async (notice) => void seen.notices.push(JSON.stringify(notice)) },
    starter: late.starter,
    killSwitch: { reason: async () => null },
    breaker: createCircuitBreaker({ ...stores, clock }),
  });
  const [service] = config.services;
  const holed = (service && hole?.nodes?.(made, { stores, workspaces: repository.workspaces, service })) ?? made;
  const graph = createGraph({
    nodes: leasedNodes(holed, { ...stores, boot: "attack", slowestNodeMs: 300_000 }),
    question: createQuestions(stores.tickets),
    checkpointer: new MemorySaver(),
    maxAttempts: config.maxAttempts,
    nodeTimeoutMs: 300_000,
    commandTimeoutMs: 300_000,
  });
  const runner = createDirectRunner({ graph: () => graph, log });
  late.set(runner);
  const dropCounter = createDropCounter({ counts: stores.ingestCounts, clock, log });
  const acceptor = createAcceptor({
    spool: stores.spool,
    dropCounter,
    freeDisk: () => Number.POSITIVE_INFINITY,
    countKnown: async () => "no",
    clock,
    newId: () => randomBytes(16).toString("hex"),
    services: config.services,
    limits: LIMITS,
    onAccepted: () => undefined,
  });
  const ingest = createIngestApp({ acceptor, keys: () => KEYS, limits: LIMITS, clock, log });
  const times = { debounceMs: config.debounceMs, maxWaitMs: config.maxWaitMs };
  const digester = createDigester({ ...stores, clock, times, ticket: (id) => stores.tickets.get(id) });
  const batcher = createBatcher({
    ...stores,
    start: (batch) => runner.start(ticketId(batch.id, 0), { entry: "batch", batchId: batch.id }),
  });
  return {
    async post(event, tier) {
      hole?.log?.(log, event);
      const body = JSON.stringify(event);
      const request = new Request("http://ingest.example/v1/events", {
        method: "POST",
        headers: { "content-type": "application/json", ...credentials(tier, body, clock.now()) },
        body,
      });
      const response = await ingest.fetch(request, { incoming: { socket: { remoteAddress: "127.0.0.1" } } });
      const text = await response.text();
      return response.ok ? (/"([0-9a-f]{32})"/.exec(text)?.[1] ?? null) : null;
    },
    async run() {
      await digester.digestPending();
      clock.advance(times.maxWaitMs);
      await batcher.closeDue(clock.now());
      await runner.idle();
    },
    look: async () => ({
      ...seen,
      repository,
      tickets: await stores.tickets.list(),
      audit: await stores.audit.list({}),
    }),
    async close() {
      await dropCounter.close();
      disk.sqlite.close();
    },
  };
}

/** How a client of this tier proves who it is. */
function credentials(tier: TrustTier, body: string, now: number): Record<string, string> {
  const { key } = KEYS.find((one) => one.tier === tier) ?? { key: "" };
  if (tier !== "T2") return { authorization: `Bearer ${key}` };
  const t = Math.floor(now / 1000);
  const delivery = randomBytes(8).toString("hex");
  const v1 = createHmac("sha256", key).update(`${t}.${delivery}.${body}`).digest("hex");
  return {
    "x-selfheal-key-id": createHash("sha256").update(key).digest("hex").slice(0, 16),
    "x-selfheal-delivery": delivery,
    "x-selfheal-signature": `t=${t},v1=${v1}`,
  };
}
