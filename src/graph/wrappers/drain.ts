import { setTimeout as delay } from "node:timers/promises";
import type { AgentNode } from "../../domain/runState.ts";
import type { Nodes } from "../graph.ts";

/** How often a drain checks whether the last node has ended, milliseconds. */
const LOOK_MS = 20;
/** After a node ends, LangGraph writes its checkpoint. This time is ample for that, milliseconds. */
const CHECKPOINT_MS = 100;

/** A gate around every node, so that a stopping process can exit between two nodes. */
export interface Drain {
  /** The same nodes; none of them starts once the drain has begun. */
  nodes(nodes: Nodes): Nodes;
  /**
   * Lets no further node start. Resolves with true when the running nodes have ended, or with false after `timeoutMs`
   * milliseconds.
   */
  drain(timeoutMs: number): Promise<boolean>;
}

/**
 * A node that arrives during the drain waits forever, because the process is about to exit. The next process finds the
 * run's checkpoint and continues from there.
 */
export function createDrain(): Drain {
  let draining = false;
  let underWay = 0;
  const guarded =
    (node: AgentNode): AgentNode =>
    async (...args) => {
      if (draining) await new Promise<never>(() => undefined);
      underWay += 1;
      try {
        return await node(...args);
      } finally {
        underWay -= 1;
      }
    };
  return {
    nodes: (nodes) => Object.fromEntries(Object.entries(nodes).map(([name, node]) => [name, guarded(node)])) as Nodes,
    drain: async (timeoutMs) => {
      draining = true;
      for (let waited = 0; underWay > 0; waited += LOOK_MS) {
        if (waited >= timeoutMs) return false;
        await delay(LOOK_MS);
      }
      await delay(CHECKPOINT_MS);
      return true;
    },
  };
}
