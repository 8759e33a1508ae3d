import { Command, END, type RetryPolicy, START } from "@langchain/langgraph";
import { RunState, type RunUpdate } from "../../src/domain/runState.ts";
import type { Question } from "../../src/graph/approval.ts";
import type { SelfhealGraph } from "../../src/graph/graph.ts";
import type { Engine, Look, Way } from "./engine.ts";

/** Where a thread stands: written whole after every node. */
export interface Checkpoint {
  values: RunState;
  /** The node that comes next, or null at the end. */
  next: string | null;
  /** The id of the question that it waits with. */
  question: string | null;
  /** How many questions were asked. */
  asked: number;
}

export interface StepperDeps {
  graph: SelfhealGraph;
  question: (ticketId: string, kind: Question["kind"]) => Promise<Question>;
  /** What outlives the process. */
  threads: Map<string, Checkpoint>;
  /** Whether the process still is; a lost one writes nothing. */
  alive: () => boolean;
  /** Calls back when the time is over; see Time. */
  after: (ms: number, fire: () => void) => () => void;
}

type NodeFunction = (
  state: RunState,
  config: { signal: AbortSignal; configurable: { thread_id: string } },
) => Promise<RunUpdate>;

/** The parts of a compiled graph that say how it is wired. */
interface Wiring {
  nodes: Record<
    string,
    { runnable: { func: NodeFunction }; retryPolicy?: RetryPolicy; timeout?: { runTimeout: number } }
  >;
  edges: Set<readonly [string, string]>;
  branches: Record<string, Record<string, { path: { func: (state: RunState) => string } }>>;
  _nodeDefaults: {
    retryPolicy: RetryPolicy;
    timeout: { runTimeout: number };
    errorHandler: (state: RunState, failure: { node: string; error: Error }) => RunUpdate | Command;
  };
}

/** As createGraph sets it. */
const MOST_STEPS = 200;
const ASKING: readonly string[] = ["approvePlan", "approveDeploy", "escalate"];

/**
 * Walks the real graph's own wiring (nodes, edges, routes, retries, timeouts) without LangGraph's machinery: one checkpoint
 * after each node, a node that was cut off runs again from its top. A test compares it with LangGraph itself.
 */
export function createStepper(deps: StepperDeps): Engine {
  const wiring = deps.graph.builder as unknown as Wiring;
  const { threads } = deps;

  const save = (threadId: string, checkpoint: Checkpoint): Checkpoint => {
    if (deps.alive()) threads.set(threadId, checkpoint);
    return checkpoint;
  };

  const walk = async (threadId: string, from: Checkpoint, answer: { reply: unknown } | null): Promise<void> => {
    let at = from;
    let reply = answer;
    for (let steps = 0; at.next !== null; steps += 1) {
      if (steps >= MOST_STEPS) throw new Error(`recursion limit of ${MOST_STEPS} reached`);
      const node = at.next;
      if (ASKING.includes(node) && reply === null) {
        await deps.question(at.values.ticketId, node as Question["kind"]);
        save(threadId, { ...at, question: `${threadId} ${at.asked}`, asked: at.asked + 1 });
        return;
      }
      const done =
        reply === null
          ? await doNode({ ...deps, threadId }, wiring, node, at.values)
          : answered(wiring, node, at.values, reply);
      reply = null;
      at = save(threadId, { ...at, ...done, question: null });
    }
  };

  return {
    async run(threadId, way) {
      const before = threads.get(threadId) ?? null;
      if (way.kind === "input") {
        const values = RunState.parse({ ...before?.values, ...way.input });
        const next = routeFrom(wiring, START, values);
        const entered = { values, next, question: null, asked: before?.asked ?? 0 };
        return walk(threadId, save(threadId, entered), null);
      }
      if (before !== null) await walk(threadId, before, replyOf(way, before));
    },
    look: async (threadId) => lookAt(threads.get(threadId)),
  };
}

function replyOf(way: Way, at: Checkpoint): { reply: unknown } | null {
  if (way.kind !== "answer" || at.question === null || !(at.question in way.answers)) return null;
  return { reply: way.answers[at.question] };
}

function lookAt(at: Checkpoint | undefined): Look {
  return {
    started: at !== undefined,
    next: at === undefined || at.next === null ? 0 : 1,
    open: at === undefined || at.question === null ? [] : [at.question],
    state: at?.values ?? null,
  };
}

type Done = Pick<Checkpoint, "values" | "next">;

function answered(wiring: Wiring, node: string, before: RunState, { reply }: { reply: unknown }): Done {
  const text = JSON.stringify(reply ?? null).slice(0, 400_000);
  const values = RunState.parse({ ...before, question: node, reply: text });
  return { values, next: routeFrom(wiring, node, values) };
}

/** One node with its retries and its error handler. */
async function doNode(
  deps: StepperDeps & { threadId: string },
  wiring: Wiring,
  node: string,
  before: RunState,
): Promise<Done> {
  const { retryPolicy, timeout } = { ...wiring._nodeDefaults, ...definedOf(wiring.nodes[node]) };
  for (let attempt = 1; ; attempt += 1) {
    try {
      const update = await withinTime(deps, wiring.nodes[node]?.runnable.func, before, timeout.runTimeout);
      const values = RunState.parse({ ...before, ...update });
      return { values, next: routeFrom(wiring, node, values) };
    } catch (thrown) {
      const error = thrown instanceof Error ? thrown : new Error(String(thrown));
      if (attempt < (retryPolicy.maxAttempts ?? 1) && retryPolicy.retryOn?.(error) !== false) continue;
      return afterFault(before, wiring._nodeDefaults.errorHandler(before, { node, error }));
    }
  }
}

/** An error handler sends the run somewhere, or ends it. */
function afterFault(before: RunState, handled: RunUpdate | Command): Done {
  const [update, next] =
    handled instanceof Command ? [handled.update as RunUpdate, String(handled.goto)] : [handled, null];
  return { values: RunState.parse({ ...before, ...update }), next };
}

function definedOf(node: Wiring["nodes"][string] | undefined) {
  return {
    ...(node?.retryPolicy && { retryPolicy: node.retryPolicy }),
    ...(node?.timeout && { timeout: node.timeout }),
  };
}

/** A node that takes too long is aborted and given up, as LangGraph does it: what it still does, it does behind our back. */
function withinTime(
  deps: StepperDeps & { threadId: string },
  node: NodeFunction | undefined,
  state: RunState,
  ms: number,
): Promise<RunUpdate> {
  if (node === undefined) return Promise.reject(new Error("there is no such node"));
  return new Promise((resolve, reject) => {
    const giveUp = new AbortController();
    const cancel = deps.after(ms, () => {
      const error = new Error(`the node took longer than ${ms} ms`);
      error.name = "NodeTimeoutError";
      giveUp.abort(error);
      reject(error);
    });
    const configurable = { thread_id: deps.threadId };
    node(structuredClone(state), { signal: giveUp.signal, configurable }).then(resolve, reject).finally(cancel);
  });
}

function routeFrom(wiring: Wiring, node: string, values: RunState): string | null {
  const [branch] = Object.values(wiring.branches[node] ?? {});
  const next = branch?.path.func(values) ?? [...wiring.edges].find(([from]) => from === node)?.[1] ?? END;
  return next === END ? null : next;
}
