import type { LeaseStore } from "../domain/ports/leaseStore.ts";
import type { TicketBook } from "../domain/ports/ticketBook.ts";
import type { Nodes } from "./graph.ts";
import type { Heartbeat } from "./wrappers/agentHeartbeat.ts";
import type { Drain } from "./wrappers/drain.ts";
import { leasedNodes } from "./wrappers/ticketLease.ts";

/** What the wrappers need. `modelBudget` counts the cost of a node's model calls. */
export interface NodeWrappers {
  drain: Drain;
  heartbeat: Heartbeat;
  modelBudget: { nodes(nodes: Nodes): Nodes };
  leases: LeaseStore;
  tickets: TicketBook;
  /** Unique to this start of the process. */
  boot: string;
  /** The timeout of the slowest node, milliseconds. */
  slowestNodeMs: number;
}

/**
 * Wraps the nodes. A node itself knows nothing of its wrappers. From the outside in:
 *
 * | wrapper | in | what it does |
 * |---|---|---|
 * | retry, timeout, error handler | graph.ts | LangGraph's own: retries, timeouts, `escalation` with the cause |
 * | fence | wrappers/fenceAbandonedNodes.ts | refuses the calls of a node that LangGraph abandoned (composition/nodes.ts wraps the ports) |
 * | drain | wrappers/drain.ts | no node starts while the process stops; a running node may end |
 * | ticket lease | wrappers/ticketLease.ts | one run at a time works on a ticket; a run that lost its lease changes nothing |
 * | heartbeat | wrappers/agentHeartbeat.ts | stores the time after which an agent without a heartbeat counts as stuck |
 * | model budget | composition/modelBudget.ts | counts tokens and money; calls no model once a budget is spent |
 */
export function wrapNodes(nodes: Nodes, { drain, heartbeat, modelBudget, ...lease }: NodeWrappers): Nodes {
  return drain.nodes(leasedNodes(heartbeat.nodes(modelBudget.nodes(nodes)), lease));
}
