import {
  type BaseCheckpointSaver,
  Command,
  END,
  type LangGraphRunnableConfig,
  type RetryPolicy,
  START,
  StateGraph,
} from "@langchain/langgraph";
import { messageOf } from "../domain/errors.ts";
import { isBusy } from "../domain/lease.ts";
import { ModelError } from "../domain/modelError.ts";
import type { AgentNode, RunState } from "../domain/runState.ts";
import { askOnly, type Question } from "./approval.ts";
import * as route from "./routes.ts";
import { State } from "./state.ts";
import { runFenced } from "./wrappers/fenceAbandonedNodes.ts";

/** The nodes that do work, by name. The three nodes that only interrupt are created here. */
export type Nodes = Record<Exclude<route.NodeName, "approvePlan" | "approveDeploy" | "escalate">, AgentNode>;

/** What `createGraph` needs. */
export interface GraphDeps {
  nodes: Nodes;
  /** Builds what a person is shown with a question. Reads only. */
  question: (ticketId: string, kind: Question["kind"]) => Promise<Question>;
  checkpointer: BaseCheckpointSaver;
  maxAttempts: number;
  /** Milliseconds that a node may take. Nodes that run external commands may take `commandTimeoutMs`. */
  nodeTimeoutMs: number;
  commandTimeoutMs: number;
}

/**
 * External faults (a locked file, a slow disk) are retried: three attempts, two for nodes that run commands, one for
 * deployer and verifier. After the last failure the run goes to a person.
 */
const RETRY: RetryPolicy = {
  maxAttempts: 3,
  initialInterval: 200,
  backoffFactor: 4,
  jitter: true,
  logWarning: false,
  retryOn: mayPass,
};
const ONCE: RetryPolicy = { maxAttempts: 1 };

/**
 * The only graph, `selfheal`: nodes, edges, and how a node is retried. What the nodes do is in src/agents and in the files beside
 * this one.
 */
export function createGraph(deps: GraphDeps) {
  const { nodes } = deps;
  const step = (node: AgentNode) => (state: RunState, config: LangGraphRunnableConfig) => {
    const signal = config.signal ?? new AbortController().signal;
    return runFenced(signal, () => node(state, signal, { thread: threadOf(config) }));
  };
  const commands = { timeout: { runTimeout: deps.commandTimeoutMs }, retryPolicy: { ...RETRY, maxAttempts: 2 } };

  return (
    new StateGraph(State)
      .addNode("triage", step(nodes.triage), commands)
      .addNode("startSiblings", step(nodes.startSiblings))
      .addNode("planner", step(nodes.planner), commands)
      .addNode("approvePlan", askOnly("approvePlan", deps.question))
      .addNode("coder", step(nodes.coder), commands)
      .addNode("tester", step(nodes.tester), commands)
      .addNode("securityReviewer", step(nodes.securityReviewer), commands)
      // The gate publishes the branch that a person is asked about, and the repository may be large.
      .addNode("gate", step(nodes.gate), { ...commands, retryPolicy: RETRY })
      .addNode("approveDeploy", askOnly("approveDeploy", deps.question))
      .addNode("answer", step(nodes.answer))
      .addNode("port", step(nodes.port), commands)
      // Never retried automatically: the deploy journal decides what may be repeated, and the node reads it when it is
      // entered again.
      .addNode("deployer", step(nodes.deployer), { ...commands, retryPolicy: ONCE })
      .addNode("verifier", step(nodes.verifier), { ...commands, retryPolicy: ONCE })
      .addNode("escalation", step(nodes.escalation))
      .addNode("escalate", askOnly("escalate", deps.question))
      .setNodeDefaults({
        retryPolicy: RETRY,
        timeout: { runTimeout: deps.nodeTimeoutMs },
        errorHandler: (_state, { node, error }) => {
          const update = { failed: node, cause: `${node} failed: ${messageOf(error)}`.slice(0, 2000) };
          // Another run works on the ticket. This run ends here: it must not even ask a person.
          return isBusy(error) ? update : new Command({ update, goto: "escalation" });
        },
      })
      .addConditionalEdges(START, route.fromStart, ["triage", "planner", "gate", "deployer", "verifier", "escalation"])
      .addConditionalEdges("triage", route.afterTriage, ["startSiblings", END])
      .addEdge("startSiblings", "planner")
      .addConditionalEdges("planner", route.afterPlanner, ["approvePlan", "coder", END])
      .addEdge("approvePlan", "answer")
      .addConditionalEdges("coder", route.afterCoder, ["tester", END])
      .addConditionalEdges("tester", route.afterTester(deps.maxAttempts), ["securityReviewer", "coder", "escalation"])
      .addEdge("securityReviewer", "gate")
      .addConditionalEdges("gate", route.afterGate, ["deployer", "approveDeploy", "escalation", END])
      .addEdge("approveDeploy", "answer")
      .addConditionalEdges("answer", route.afterAnswer, [
        "approvePlan",
        "coder",
        "gate",
        "tester",
        "planner",
        "escalation",
        END,
      ])
      .addConditionalEdges("port", route.afterPort, ["tester", "coder"])
      .addConditionalEdges("deployer", route.afterDeployer, ["port", "gate", "approveDeploy", "escalation", END])
      .addConditionalEdges("verifier", route.afterVerifier, ["escalation", END])
      .addConditionalEdges("escalation", route.afterEscalation, ["escalate", END])
      .addEdge("escalate", "answer")
      .compile({ name: "selfheal", checkpointer: deps.checkpointer })
      // Set here because the LangGraph API passes no durability itself. A ticket with several attempts and questions
      // takes more steps than the default limit of 25.
      .withConfig({ durability: "sync", recursionLimit: 200 })
  );
}

/** The compiled graph. */
export type SelfhealGraph = ReturnType<typeof createGraph>;

/** A model that answers garbage or has no quota does so again. A retry would only cost tokens. */
function mayPass(error: Error): boolean {
  if (isBusy(error)) return false;
  return error instanceof ModelError ? error.retryable : error.name !== "AbortError";
}

function threadOf(config: LangGraphRunnableConfig): string {
  const thread: unknown = config.configurable?.thread_id;
  return typeof thread === "string" ? thread : "";
}
