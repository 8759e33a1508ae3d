import type { LeaseStore } from "../domain/ports/leaseStore.ts";
import type { TicketBook } from "../domain/ports/ticketBook.ts";
import type { Drain } from "./drain.ts";
import type { Nodes } from "./graph.ts";
import type { Heartbeat } from "./heartbeat.ts";
import { leasedNodes } from "./ticketLease.ts";

/** What the wrappers need. `modelBudget` counts what the model calls of a node cost. */
export interface NodeWrappers {
  drain: Drain;
  heartbeat: Heartbeat;
  modelBudget: { nodes(nodes: Nodes): Nodes };
  leases: LeaseStore;
  tickets: TicketBook;
  /** Unique to this start of the process. */
  boot: string;
  /** Milliseconds that the slowest node may take. */
  nodeTimeoutMs: number;
}

/**
 * Everything that wraps a node, from the outside in. A node itself knows nothing of it.
 *
 * | wrapper | in | what it does |
 * |---|---|---|
 * | retry, timeout, error handler | graph.ts | LangGraph's own: tries again, gives up after a time, goes to `escalation` with the cause |
 * | fence | fence.ts | refuses the writes of a node that LangGraph gave up (the ports are wrapped in composition/nodes.ts) |
 * | drain | drain.ts | no node begins while the process stops; a node under way may end |
 * | ticket lease | ticketLease.ts | one run at a time works on a ticket; a run that lost its lease changes nothing |
 * | heartbeat | heartbeat.ts | a stored time after which an agent without a sign of life counts as stuck |
 * | model budget | composition/modelBudget.ts | counts tokens and money on the ticket; no model is asked once a budget is spent |
 */
export function wrapNodes(nodes: Nodes, { drain, heartbeat, modelBudget, ...lease }: NodeWrappers): Nodes {
  return drain.nodes(leasedNodes(heartbeat.nodes(modelBudget.nodes(nodes)), lease));
}
