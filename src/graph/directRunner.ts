import { AsyncLocalStorage } from "node:async_hooks";
import { Command } from "@langchain/langgraph";
import type { ApprovalDecision } from "../domain/approval.ts";
import { messageOf } from "../domain/errors.ts";
import type { Log } from "../domain/ports/log.ts";
import type { RunStarter } from "../domain/ports/runStarter.ts";
import type { SelfhealGraph } from "./graph.ts";

/** Runs the graph in this process without the LangGraph API, for `selfheal heal` and tests. */
export interface DirectRunner extends RunStarter {
  /** Resolves when no run executes, including runs that were started in the meantime. */
  idle(): Promise<void>;
  /** Continues a thread that was stopped in the middle. Does nothing when the thread waits for a person or is done. */
  continueRun(threadId: string): Promise<void>;
}

/** What `createDirectRunner` needs. */
export interface DirectRunnerDeps {
  graph: () => SelfhealGraph;
  log: Log;
  /** Aborts every run. */
  signal?: AbortSignal;
}

/** Executes one run per thread at a time, because LangGraph itself does not lock threads. */
export function createDirectRunner(deps: DirectRunnerDeps): DirectRunner {
  const tails = new Map<string, Promise<void>>();
  const stopping = new Map<string, AbortController>();
  // Without its own async context, a run that a node starts would become part of that node's run, with its checkpoints.
  const onItsOwn = AsyncLocalStorage.snapshot();

  const enqueue = (threadId: string, work: () => Promise<void>) => {
    const before = tails.get(threadId) ?? Promise.resolve();
    const tail = onItsOwn(() => before.then(work)).catch((error) => {
      deps.log.error("a run failed", { thread: threadId, error: messageOf(error) });
    });
    tails.set(threadId, tail);
  };
  const configOf = (threadId: string) => ({ configurable: { thread_id: threadId } });
  const invoke = async (threadId: string, input: Parameters<SelfhealGraph["invoke"]>[0]) => {
    const own = new AbortController();
    stopping.set(threadId, own);
    const signal = deps.signal === undefined ? own.signal : AbortSignal.any([own.signal, deps.signal]);
    await deps.graph().invoke(input, { ...configOf(threadId), signal });
  };

  return {
    async start(threadId, input) {
      enqueue(threadId, async () => {
        const known =
          (await deps.graph().getState(configOf(threadId))).config.configurable?.checkpoint_id !== undefined;
        const again = input.entry === "ticket" && input.startedBy !== undefined;
        if (known && !again && (input.entry === "batch" || input.entry === "ticket")) return;
        await invoke(threadId, input);
      });
    },
    async resume(threadId, decision: ApprovalDecision) {
      enqueue(threadId, () => invoke(threadId, new Command({ resume: { decisions: [decision] } })));
    },
    async stop(threadId) {
      stopping.get(threadId)?.abort();
    },
    async continueRun(threadId) {
      enqueue(threadId, async () => {
        const state = await deps.graph().getState(configOf(threadId));
        const waits = state.tasks.some((task) => task.interrupts.length > 0);
        // `tasks`, not `next`: `next` lacks a node whose result is written but whose checkpoint is not.
        if (state.tasks.length > 0 && !waits) await invoke(threadId, null);
      });
    },
    async idle() {
      for (;;) {
        const before = [...tails.values()];
        await Promise.all(before);
        if ([...tails.values()].every((tail) => before.includes(tail))) return;
      }
    },
  };
}
