import type { RunStarter } from "../../domain/ports/runStarter.ts";
import type { AgentNode } from "../../domain/runState.ts";

/**
 * Starts one run on its own thread for every other ticket of the Batch. For a ticket whose run exists, this does
 * nothing.
 */
export function createStartSiblings(starter: RunStarter): AgentNode {
  return async (state) => {
    for (const id of state.siblings) await starter.start(id, { entry: "ticket", ticketId: id });
    return { siblings: state.siblings };
  };
}
