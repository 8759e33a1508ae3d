import { baseCommitOf } from "../agents/branch/baseCommit.ts";
import type { Reproducer } from "../agents/coder/contract.ts";
import { type CheckFor, createCoder } from "../agents/coder/node.ts";
import { commitMessage } from "../agents/deployer/commitMessage.ts";
import { createDeployTurns } from "../agents/deployer/deployTurns.ts";
import { createDeployerNode } from "../agents/deployer/node.ts";
import type { AgentDeps } from "../agents/deps.ts";
import { createPlanner } from "../agents/planner/node.ts";
import type { Preflight } from "../agents/planner/preflightFacts.ts";
import { createSecurityReviewer } from "../agents/securityReviewer/node.ts";
import type { EvidenceGatherer } from "../agents/tester/contract.ts";
import { createTester } from "../agents/tester/node.ts";
import { createTriage } from "../agents/triage/node.ts";
import { createPlainTriage } from "../agents/triage/rules.ts";
import { createVerifierNode } from "../agents/verifier/node.ts";
import type { CircuitBreaker } from "../autonomy/circuitBreaker.ts";
import type { KillSwitch } from "../autonomy/killSwitch.ts";
import type { Recall } from "../autonomy/memory.ts";
import type { Config } from "../config/index.ts";
import { SelfhealError } from "../domain/errors.ts";
import type { ChangeHistory } from "../domain/ports/changeHistory.ts";
import type { CanaryTarget, DeployTarget } from "../domain/ports/deployTarget.ts";
import type { Notifier } from "../domain/ports/notifier.ts";
import type { RunStarter } from "../domain/ports/runStarter.ts";
import type { Service } from "../domain/service.ts";
import type { Ticket } from "../domain/ticket.ts";
import type { Nodes } from "../graph/graph.ts";
import { createApplyDecision } from "../graph/nodes/applyDecision.ts";
import { createEscalation } from "../graph/nodes/escalation.ts";
import { createGate } from "../graph/nodes/gateNode.ts";
import { createRebasePatch } from "../graph/nodes/rebasePatch.ts";
import { createStartSiblings } from "../graph/nodes/startSiblings.ts";
import { fenced } from "../graph/wrappers/fenceAbandonedNodes.ts";
import { reviewDiff } from "../policy/diffPolicy.ts";
import type { Stores } from "../store/contract.ts";
import type { Brains } from "./brains.ts";

/** What `createNodes` needs. */
export interface NodeParts {
  agents: AgentDeps;
  stores: Stores;
  brains: Brains;
  gatherer: EvidenceGatherer;
  checkFor: CheckFor;
  reproducer: Reproducer;
  history: ChangeHistory;
  /** Absent: there is no check before work starts. */
  preflight?: Preflight | undefined;
  recall: Recall;
  target: DeployTarget;
  /** Absent: no service has a canary. */
  canaries?: CanaryTarget;
  notifier: Notifier;
  starter: RunStarter;
  killSwitch: KillSwitch;
  breaker: CircuitBreaker;
}

/** Creates every node of the graph from its parts. */
export function createNodes(config: Config, parts: NodeParts): Nodes {
  const { agents, journal, settings, breaker, target, canaries, starter, brains } = behindFence(parts);
  const paused = async () => (await parts.killSwitch.reason()) !== null;
  const asking = { ...agents, notifier: parts.notifier, escalationTimeoutMs: () => config.escalationTimeoutMs };
  // No model is called after the gate, so the cost and the text of a ticket's commit message no longer change.
  const withCost = async (ticket: Ticket) => commitMessage(ticket, await parts.stores.spend.costOf(ticket.id));
  const baseOf = (service: Service) => baseCommitOf({ workspaces: agents.workspaces, journal }, service);
  const releasing = { ...agents, journal, breaker, target, canaries };
  return {
    triage: createTriage({ ...agents, brain: brains.triage, incident: () => config.incident }),
    startSiblings: createStartSiblings(starter),
    planner: createPlanner({
      ...asking,
      brain: brains.planner,
      history: parts.history,
      recall: parts.recall,
      baseOf: mustHaveBase(baseOf),
      preflight: parts.preflight,
    }),
    coder: createCoder({
      ...agents,
      brain: brains.coder,
      checkFor: parts.checkFor,
      reproducer: parts.reproducer,
      history: parts.history,
      recall: parts.recall,
    }),
    tester: createTester({ ...agents, gatherer: parts.gatherer }),
    securityReviewer: createSecurityReviewer({ ...agents, brain: brains.reviewer, reviewDiff }),
    gate: createGate({ ...asking, journal, breaker, paused, baseOf, commitMessage: withCost }),
    answer: createApplyDecision({ ...agents, leftAloneMs: leftAlone(config) }),
    port: createRebasePatch({ ...agents, baseOf }),
    deployer: createDeployerNode({
      ...asking,
      ...releasing,
      commitMessage: withCost,
      paused,
      turns: createDeployTurns({ ...agents, settings }),
    }),
    verifier: createVerifierNode(releasing),
    escalation: createEscalation({
      ...asking,
      starter,
      plainTriage: createTriage({ ...agents, brain: createPlainTriage() }),
    }),
  };
}

/**
 * The same parts behind a fence, so that a node that LangGraph abandoned cannot undo what was done about its failure.
 * Blobs, notifications and suppressions are not fenced: each of their writes has a key and is safe to repeat.
 */
function behindFence({ agents, stores, breaker, target, canaries, starter, brains }: NodeParts) {
  return {
    agents: {
      ...agents,
      tickets: fenced(agents.tickets),
      issues: fenced(agents.issues),
      audit: fenced(agents.audit),
      wakeUps: fenced(agents.wakeUps),
      workspaces: fenced(agents.workspaces),
    },
    journal: fenced(stores.journal),
    settings: fenced(stores.settings),
    breaker: fenced(breaker),
    target: fenced(target),
    canaries: canaries && fenced(canaries),
    starter: fenced(starter),
    brains,
  };
}

function mustHaveBase(baseOf: (service: Service) => Promise<string | null>): (service: Service) => Promise<string> {
  return async (service) => {
    const base = await baseOf(service);
    if (base === null) throw new SelfhealError("diverged", "the live commit and the branch have diverged: merge them");
    return base;
  };
}

function leftAlone(config: Config): { readonly dismiss: number; readonly takeOver: number } {
  // Getters, because the configuration may change while the process runs.
  return {
    get dismiss() {
      return config.claims.suppressForMs;
    },
    get takeOver() {
      return config.claims.branchesWithinMs;
    },
  };
}
