import { AsyncLocalStorage } from "node:async_hooks";
import { allSettledOrThrow } from "../../domain/allSettledOrThrow.ts";
import type { ChatModel } from "../../domain/ports/chatModel.ts";
import type { Clock } from "../../domain/ports/clock.ts";
import type { Sandbox } from "../../domain/ports/sandbox.ts";
import type { WakeUpStore } from "../../domain/ports/wakeUpStore.ts";
import type { AgentNode, RunUpdate } from "../../domain/runState.ts";
import type { Nodes } from "../graph.ts";

/** A beat writes a row, so beats are at least this far apart, milliseconds. */
const BEAT_MS = 5000;

interface Work {
  ticketId: string;
  beatenAt: number;
}

/** What `createHeartbeat` needs. */
export interface HeartbeatDeps {
  wakeUps: WakeUpStore;
  clock: Clock;
  /** An agent without a beat for this long is stuck, milliseconds. */
  stuckAfterMs: () => number;
}

/** Heartbeats of the agents that call models and run external commands. */
export interface Heartbeat {
  /** The same nodes. While an agent works, a stored wake-up holds the time at which the agent counts as stuck. */
  nodes(nodes: Nodes): Nodes;
  /** The same sandbox. A finished command is a beat. */
  sandbox(sandbox: Sandbox): Sandbox;
  /** The same model. A finished call is a beat. */
  model(model: ChatModel): ChatModel;
}

/** Whether the run stops after this update: it has ended, or a person is asked. */
function isRest({ outcome = "none", question = "none" }: RunUpdate): boolean {
  return outcome !== "none" || question !== "none";
}

/**
 * The wake-up is stored as a row, so that a run which was lost in a restart is found too. Deployer and verifier have
 * limits of their own.
 */
export function createHeartbeat({ wakeUps, clock, stuckAfterMs }: HeartbeatDeps): Heartbeat {
  const working = new AsyncLocalStorage<Work>();
  const set = (ticketId: string, now: number) => wakeUps.set({ ticketId, kind: "stuck", dueAt: now + stuckAfterMs() });

  const beat = async (): Promise<void> => {
    const work = working.getStore();
    const now = clock.now();
    // The absolute difference: a clock that was set back must not suppress the beat.
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
      // The row stays after a failure, until the run has reached a person. It also stays when another node follows,
      // which sets its own row.
      if (isRest(update)) await wakeUps.clear(ticketId, "stuck");
      return update;
    };
  /** A node that is not an agent but may follow one: it clears the agent's row. */
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
