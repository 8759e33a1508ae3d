import { MemorySaver } from "@langchain/langgraph";
import type { AgentDeps } from "../../../src/agents/deps.ts";
import { createCircuitBreaker } from "../../../src/autonomy/circuitBreaker.ts";
import { createLateRunStarter } from "../../../src/composition/lateRunStarter.ts";
import { createNodes } from "../../../src/composition/nodes.ts";
import { parseConfig, policyFor } from "../../../src/config/index.ts";
import type { AuditEntry } from "../../../src/domain/audit.ts";
import type { DeployOrder } from "../../../src/domain/ports/deployTarget.ts";
import type { Log } from "../../../src/domain/ports/log.ts";
import type { Workspaces } from "../../../src/domain/ports/workspace.ts";
import type { Service } from "../../../src/domain/service.ts";
import type { Ticket } from "../../../src/domain/ticket.ts";
import { createDirectRunner } from "../../../src/graph/directRunner.ts";
import { createGraph, type Nodes } from "../../../src/graph/graph.ts";
import { createQuestions } from "../../../src/graph/nodes/escalation.ts";
import { leasedNodes } from "../../../src/graph/wrappers/ticketLease.ts";
import type { EmbeddedStores } from "../../../src/store/embedded.ts";
import { testClock } from "../../helpers/testClock.ts";
import { createDisk, openStores } from "../../simulation/disk.ts";
import { type BrainName, brainsFor } from "./brains.ts";
import { type AttackIngest, createAttackIngest } from "./ingest.ts";
import type { Wish } from "./obedientModel.ts";
import type { WireEvent } from "./payloads.ts";
import { greenCheck, greenGatherer, noReproducer, obligingTarget } from "./pretence.ts";
import { createMemoryRepository, type MemoryRepository } from "./repository.ts";

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
  repository: Pick<MemoryRepository, "commits" | "branches">;
  deployed: readonly Pick<DeployOrder, "commit" | "ticketId">[];
  tickets: readonly Ticket[];
  audit: readonly AuditEntry[];
  prompts: readonly string[];
  logs: readonly string[];
  notices: readonly string[];
  /** The Events that proofs were made with. */
  proofs: readonly { ticketId: string; eventId: string }[];
}

/** The real ingest, stores, graph and nodes around a pretended repository, tester and production. */
export interface AttackWorld extends Pick<AttackIngest, "post" | "run" | "close"> {
  look(): Promise<Seen>;
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
  const ingest = createAttackIngest({ stores, runner, services: config.services, clock, log });
  return {
    post(event, tier) {
      hole?.log?.(log, event);
      return ingest.post(event, tier);
    },
    run: ingest.run,
    look: async () => ({
      ...seen,
      repository,
      tickets: await stores.tickets.list(),
      audit: await stores.audit.list({}),
    }),
    async close() {
      await ingest.close();
      disk.sqlite.close();
    },
  };
}
