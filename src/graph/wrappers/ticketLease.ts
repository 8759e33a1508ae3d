import { SelfhealError } from "../../domain/errors.ts";
import { type Lease, type TicketClaim, ticketLease } from "../../domain/lease.ts";
import type { LeaseStore } from "../../domain/ports/leaseStore.ts";
import type { TicketBook } from "../../domain/ports/ticketBook.ts";
import type { AgentNode } from "../../domain/runState.ts";
import { isClosed } from "../../domain/ticket.ts";
import type { Nodes } from "../graph.ts";

/** A lease outlives the node's timeout by this much, milliseconds: aborting a node takes a moment. */
const MARGIN_MS = 60_000;
/**
 * A lease is not written again while it lasts at least the node's timeout plus this, milliseconds: nodes follow each
 * other fast.
 */
const ENOUGH_MS = 30_000;
/** How long a run keeps the lease of a ticket with an open question, milliseconds. The run's next node extends it. */
const WAITING_MS = 7 * 86_400_000;

/** What `withLease` needs. */
export interface LeaseDeps {
  leases: LeaseStore;
  tickets: TicketBook;
  /** The id of this start of the process. It is unique. */
  boot: string;
  /** The timeout of the slowest node, milliseconds. */
  slowestNodeMs: number;
}

/** The same nodes. All but triage and startSiblings run under the lease of their ticket. */
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
 * Runs a node under the lease of its ticket. The lease is taken or renewed on entry, and lasts longer than the node may
 * take. It is kept from node to node and while a person is asked, and is released when the ticket is closed. No timer
 * renews it: a process that was paused past the end of the lease is fenced at its next `renew`. Throws SelfhealError
 * `busy`, before any effect, while another run works on the ticket.
 */
export function withLease(node: AgentNode, deps: LeaseDeps): AgentNode {
  return async (state, signal, run) => {
    // The run failed before it had a ticket.
    if (state.ticketId === "") return node(state, signal, run);
    const thread = run?.thread || state.ticketId;
    const claim = await takeTicket(deps, state.ticketId, thread);
    const update = await node(state, signal, { thread, claim });
    await keepOrRelease(deps, state.ticketId, claim);
    return update;
  };
}

/**
 * Ends the leases of runs of earlier processes. Call it only while holding the lock of the data folder: the lock proves
 * that those processes are gone. Returns the names of the ended leases.
 */
export function endPreviousLeases(leases: LeaseStore, boot: string): Promise<string[]> {
  return leases.endOf((holder) => holder.startsWith(RUN) && !holder.startsWith(`${RUN}${boot}:`));
}

const RUN = "run:";

async function takeTicket({ leases, boot, slowestNodeMs }: LeaseDeps, ticketId: string, thread: string) {
  const ttlMs = slowestNodeMs + MARGIN_MS;
  const enoughMs = slowestNodeMs + ENOUGH_MS;
  const name = ticketLease(ticketId);
  const { kind, lease } = await leases.take(name, `${RUN}${boot}:${thread}`, ttlMs, enoughMs);
  if (kind === "taken")
    throw new SelfhealError("busy", `ticket ${ticketId} is being worked on by ${describeHolder(lease)}`);
  const claim: TicketClaim = {
    token: lease.token,
    renew: async () => void (await leases.renew(name, lease.token, ttlMs, enoughMs)),
  };
  return claim;
}

function describeHolder({ holder }: Lease): string {
  const [kind, , thread] = holder.split(":");
  return kind === "run" ? `the run on thread ${thread}: follow or answer that one` : holder;
}

/**
 * Keeps the lease while the ticket waits for a person; releases it when the ticket is closed. Losing the lease here is
 * not an error of the node, whose work is done.
 */
async function keepOrRelease({ leases, tickets }: LeaseDeps, ticketId: string, { token }: TicketClaim): Promise<void> {
  const ticket = await tickets.get(ticketId);
  const name = ticketLease(ticketId);
  if (ticket === null || isClosed(ticket.state)) return leases.release(name, token);
  if (ticket.approval === null) return;
  await leases.renew(name, token, WAITING_MS, WAITING_MS - MARGIN_MS).catch((thrown: unknown) => {
    if (!SelfhealError.isInstance(thrown) || thrown.code !== "fenced") throw thrown;
  });
}
