import { AsyncLocalStorage } from "node:async_hooks";
import { allSettledOrThrow } from "../domain/allSettledOrThrow.ts";
import type { ChatModel } from "../domain/ports/chatModel.ts";
import type { Clock } from "../domain/ports/clock.ts";
import type { Sandbox } from "../domain/ports/sandbox.ts";
import type { WakeUpStore } from "../domain/ports/wakeUpStore.ts";
import type { AgentNode, RunUpdate } from "../domain/runState.ts";
import type { Nodes } from "./graph.ts";

/** A beat is a row that is written: no more often than this, milliseconds. */
const BEAT_MS = 5000;

interface Work {
  ticketId: string;
  beatenAt: number;
}

export interface HeartbeatDeps {
  wakeUps: WakeUpStore;
  clock: Clock;
  /** An agent that shows no sign of life for this long is stuck, milliseconds. */
  stuckAfterMs: () => number;
}

/** Signs of life of the agents that think and run other people's commands. */
export interface Heartbeat {
  /** The same nodes; while one of the agents works, a stored wake-up says when it counts as stuck. */
  nodes(nodes: Nodes): Nodes;
  /** A finished command is a sign of life. */
  sandbox(sandbox: Sandbox): Sandbox;
  /** So is a finished call of a model. */
  model(model: ChatModel): ChatModel;
}

/** Whether a run comes to rest with what an agent returned: it has ended, or a person is asked. */
function isRest({ outcome = "none", question = "none" }: RunUpdate): boolean {
  return outcome !== "none" || question !== "none";
}

/** The wake-up is a row, so that a run that a restart lost is found as well. Deployer and verifier have their own limits. */
export function createHeartbeat({ wakeUps, clock, stuckAfterMs }: HeartbeatDeps): Heartbeat {
  const working = new AsyncLocalStorage<Work>();
  const set = (ticketId: string, now: number) => wakeUps.set({ ticketId, kind: "stuck", dueAt: now + stuckAfterMs() });

  const beat = async (): Promise<void> => {
    const work = working.getStore();
    const now = clock.now();
    // A clock that was set back must not silence the beat.
    if (work === undefined || Math.abs(now - work.beatenAt) < BEAT_MS) return;
    work.beatenAt = now;
    await set(work.ticketId, now);
  };
  const alive = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } finally {
      await beat();
    }
  };
  const watched =
    (node: AgentNode): AgentNode =>
    async (state, signal, run) => {
      const { ticketId } = state;
      const now = clock.now();
      const [, update] = await allSettledOrThrow(
        set(ticketId, now),
        working.run({ ticketId, beatenAt: now }, () => node(state, signal, run)),
      );
      // Not after a failure: the row stands until the run has got to somebody. Nor before a step that sets its own.
      if (isRest(update)) await wakeUps.clear(ticketId, "stuck");
      return update;
    };
  /** No agent, which a run may come to from one. */
  const after =
    (node: AgentNode): AgentNode =>
    async (state, signal, run) => {
      const [, update] = await allSettledOrThrow(wakeUps.clear(state.ticketId, "stuck"), node(state, signal, run));
      return update;
    };

  return {
    nodes: (nodes) => ({
      ...nodes,
      planner: watched(nodes.planner),
      coder: watched(nodes.coder),
      tester: watched(nodes.tester),
      securityReviewer: watched(nodes.securityReviewer),
      port: watched(nodes.port),
      gate: after(nodes.gate),
    }),
    sandbox: (sandbox) => ({
      grade: sandbox.grade,
      run: (workspace, spec) => alive(sandbox.run(workspace, spec)),
    }),
    model: (model) => ({
      name: model.name,
      structured: (request) => alive(model.structured(request)),
      withTools: (request) => alive(model.withTools(request)),
    }),
  };
}
