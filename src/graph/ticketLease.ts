import { SelfhealError } from "../domain/errors.ts";
import { type Lease, type TicketClaim, ticketLease } from "../domain/lease.ts";
import type { LeaseStore } from "../domain/ports/leaseStore.ts";
import type { TicketBook } from "../domain/ports/ticketBook.ts";
import type { AgentNode } from "../domain/runState.ts";
import { isClosed } from "../domain/ticket.ts";
import type { Nodes } from "./graph.ts";

/** Milliseconds that a node's time is exceeded by before its ticket is anybody's: aborting a node takes a moment. */
const MARGIN_MS = 60_000;
/** A lease that is this much longer than a node's time is not written anew: steps follow each other fast. */
const ENOUGH_MS = 30_000;
/** Milliseconds for which a run keeps a ticket whose question is open; its own next step keeps it further. */
const WAITING_MS = 7 * 86_400_000;

export interface LeaseDeps {
  leases: LeaseStore;
  tickets: TicketBook;
  /** This start of this process; no other one has it. */
  boot: string;
  /** Milliseconds that the slowest node may take. */
  nodeTimeoutMs: number;
}

/** The same nodes; those that work on a ticket do so under its lease. */
export function leasedNodes(nodes: Nodes, deps: LeaseDeps): Nodes {
  const { triage, startSiblings, ...working } = nodes;
  const under = (node: AgentNode) => withLease(node, deps);
  return {
    triage,
    startSiblings,
    planner: under(working.planner),
    coder: under(working.coder),
    tester: under(working.tester),
    securityReviewer: under(working.securityReviewer),
    gate: under(working.gate),
    answer: under(working.answer),
    port: under(working.port),
    deployer: under(working.deployer),
    verifier: under(working.verifier),
    escalation: under(working.escalation),
  };
}

/**
 * A node that holds its ticket's lease while it works: taken or renewed on entry, to hold for longer than the node may take, kept
 * from node to node and while a person is asked, and given back when the ticket is closed. No timer renews it: a process
 * that was stopped past its end is fenced at its next `renew`. Throws SelfhealError `busy`, having done nothing, while
 * another run works on the ticket.
 */
export function withLease(node: AgentNode, deps: LeaseDeps): AgentNode {
  return async (state, signal, run) => {
    // A run that failed before it had a ticket.
    if (state.ticketId === "") return node(state, signal, run);
    const thread = run?.thread || state.ticketId;
    const claim = await takeTicket(deps, state.ticketId, thread);
    const update = await node(state, signal, { thread, claim });
    await afterwards(deps, state.ticketId, claim);
    return update;
  };
}

/** Ends what runs of earlier processes held. Only for who holds the data folder's lock: it proves that they are gone. */
export function endFormerLeases(leases: LeaseStore, boot: string): Promise<string[]> {
  return leases.endOf((holder) => holder.startsWith(RUN) && !holder.startsWith(`${RUN}${boot}:`));
}

const RUN = "run:";

async function takeTicket({ leases, boot, nodeTimeoutMs }: LeaseDeps, ticketId: string, thread: string) {
  const ttlMs = nodeTimeoutMs + MARGIN_MS;
  const enoughMs = nodeTimeoutMs + ENOUGH_MS;
  const name = ticketLease(ticketId);
  const { kind, lease } = await leases.take(name, `${RUN}${boot}:${thread}`, ttlMs, enoughMs);
  if (kind === "taken") throw new SelfhealError("busy", `ticket ${ticketId} is being worked on by ${whoHas(lease)}`);
  const claim: TicketClaim = {
    token: lease.token,
    renew: async () => void (await leases.renew(name, lease.token, ttlMs, enoughMs)),
  };
  return claim;
}

function whoHas({ holder }: Lease): string {
  const [kind, , thread] = holder.split(":");
  return kind === "run" ? `the run on thread ${thread}: follow or answer that one` : holder;
}

/** Waits with the ticket, or gives it back. Losing it here is no fault of the node, whose work is done. */
async function afterwards({ leases, tickets }: LeaseDeps, ticketId: string, { token }: TicketClaim): Promise<void> {
  const ticket = await tickets.get(ticketId);
  const name = ticketLease(ticketId);
  if (ticket === null || isClosed(ticket.state)) return leases.release(name, token);
  if (ticket.approval === null) return;
  await leases.renew(name, token, WAITING_MS, WAITING_MS - MARGIN_MS).catch((thrown: unknown) => {
    if (!SelfhealError.isInstance(thrown) || thrown.code !== "fenced") throw thrown;
  });
}
