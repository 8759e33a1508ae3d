import { setTimeout as delay } from "node:timers/promises";
import { currentBase } from "./agents/base.ts";
import { createCoder } from "./agents/coder/node.ts";
import { createDeployerNode } from "./agents/deployer/node.ts";
import { receipt } from "./agents/deployer/receipt.ts";
import { createTurns } from "./agents/deployer/turn.ts";
import type { AgentDeps } from "./agents/deps.ts";
import { createPlanner } from "./agents/planner/node.ts";
import { createSecurityReviewer } from "./agents/securityReviewer/node.ts";
import { createTester } from "./agents/tester/node.ts";
import { createTriage } from "./agents/triage/node.ts";
import { createVerifierNode } from "./agents/verifier/node.ts";
import type { Brains } from "./brains.ts";
import type { Config } from "./config.ts";
import { createCommandTarget } from "./deploy/command.ts";
import { SelfhealError } from "./domain/errors.ts";
import type { Notifier, ProcessRunner, RunStarter, Sandbox, Settings } from "./domain/ports.ts";
import type { Service } from "./domain/service.ts";
import { createAnswer } from "./graph/answer.ts";
import { createEscalation } from "./graph/escalation.ts";
import { createGate } from "./graph/gate.ts";
import type { Nodes } from "./graph/graph.ts";
import { createPort } from "./graph/port.ts";
import { createStartSiblings } from "./graph/siblings.ts";
import { reviewDiff } from "./policy/diffPolicy.ts";
import type { EmbeddedStores } from "./store/embedded.ts";
import { createQuickCheck } from "./tools/quickCheck.ts";
import { createTestRunner } from "./tools/testRunner.ts";

export interface NodeParts {
  agents: AgentDeps;
  stores: EmbeddedStores;
  sandbox: Sandbox;
  processes: ProcessRunner;
  brains: Brains;
  notifier: Notifier;
  starter: RunStarter;
}

/** Makes every node of the graph from its parts. */
export function createNodes(config: Config, parts: NodeParts): Nodes {
  const { agents, stores, brains } = parts;
  const { journal, settings, blobs } = stores;
  const paused = createPaused(config, settings);
  const asking = { ...agents, notifier: parts.notifier, escalationTimeoutMs: config.escalationTimeoutMs };
  const baseOf = (service: Service) => currentBase({ workspaces: agents.workspaces, journal }, service);
  const tests = createTestRunner({ sandbox: parts.sandbox, blobs });
  const releasing = {
    ...agents,
    journal,
    target: createCommandTarget({ processes: parts.processes, clock: agents.clock, sleep }),
  };
  return {
    triage: createTriage({ ...agents, brain: brains.triage }),
    startSiblings: createStartSiblings(parts.starter),
    planner: createPlanner({ ...asking, brain: brains.planner, baseOf: mustHaveBase(baseOf) }),
    coder: createCoder({ ...agents, brain: brains.coder, checkFor: createQuickCheck(tests) }),
    tester: createTester({ ...agents, gatherer: tests }),
    securityReviewer: createSecurityReviewer({ ...agents, brain: brains.reviewer, reviewDiff }),
    gate: createGate({ ...asking, journal, paused, baseOf }),
    answer: createAnswer(agents),
    port: createPort({ ...agents, baseOf }),
    deployer: createDeployerNode({ ...releasing, receipt, paused, turns: createTurns({ ...agents, settings }) }),
    verifier: createVerifierNode(releasing),
    escalation: createEscalation(asking),
  };
}

/** The kill switch, by either of its ways: the configuration, or the button. */
export function createPaused(config: Pick<Config, "enabled">, settings: Settings): () => Promise<boolean> {
  return async () => !config.enabled || (await settings.get("paused")) === "true";
}

const sleep = (ms: number, signal?: AbortSignal) => delay(ms, undefined, signal === undefined ? {} : { signal });

function mustHaveBase(baseOf: (service: Service) => Promise<string | null>): (service: Service) => Promise<string> {
  return async (service) => {
    const base = await baseOf(service);
    if (base === null) throw new SelfhealError("diverged", "the live commit and the branch have diverged: merge them");
    return base;
  };
}
