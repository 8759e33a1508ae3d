import { setTimeout as delay } from "node:timers/promises";
import type { AgentNode } from "../domain/runState.ts";
import type { Nodes } from "./graph.ts";

/** How often a drain looks whether the last step has ended, milliseconds. */
const LOOK_MS = 20;
/** After a step's end its checkpoint is written: milliseconds that are plenty for it. */
const CHECKPOINT_MS = 100;

/** Through which every node is entered, so that a process that is asked to end can end between two steps. */
export interface Drain {
  nodes(nodes: Nodes): Nodes;
  /** No step begins from here on. Resolves when those under way have ended (true), or this many milliseconds are over (false). */
  drain(timeoutMs: number): Promise<boolean>;
}

/** A run that may not go in waits for a process that ends; the next one finds its checkpoint and goes on from there. */
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
