import { setImmediate as nextTurn } from "node:timers/promises";
import { ticketLease } from "../domain/lease.ts";
import type { LeaseStore } from "../domain/ports/leaseStore.ts";
import type { TicketBook } from "../domain/ports/ticketBook.ts";
import type { WorkspaceLeftovers } from "../domain/ports/workspaceLeftovers.ts";
import { isClosed, type Ticket } from "../domain/ticket.ts";

export interface OldTreesParts {
  leftovers: WorkspaceLeftovers;
  tickets: Pick<TicketBook, "get">;
  leases: Pick<LeaseStore, "take" | "release">;
}

/** Longer than the removal of a tree takes, milliseconds. */
const LEASE_MS = 60_000;

/**
 * Removes the working trees of Tickets that ended before `before`, or that are not in the ticket book. `before` is in
 * milliseconds since the epoch. Returns how many were removed, or would be if `remove` is false.
 */
export async function sweepTrees(parts: OldTreesParts, before: number, remove: boolean): Promise<number> {
  const { leftovers, tickets } = parts;
  let gone = 0;
  for (const id of await leftovers.trees()) {
    if (!isOver(await tickets.get(id), before)) continue;
    if (!remove) gone += 1;
    else if (await removeUnderLease(parts, id, before)) gone += 1;
    await nextTurn();
  }
  return gone;
}

/**
 * A run can start again on a closed Ticket at any moment. It has the Ticket's lease already, or it waits for the
 * removal.
 */
async function removeUnderLease({ leftovers, tickets, leases }: OldTreesParts, id: string, before: number) {
  const { kind, lease } = await leases.take(ticketLease(id), "retention", LEASE_MS);
  if (kind === "taken") return false;
  try {
    if (!isOver(await tickets.get(id), before)) return false;
    await leftovers.removeTree(id);
    return true;
  } finally {
    await leases.release(lease.name, lease.token);
  }
}

function isOver(ticket: Ticket | null, before: number): boolean {
  return ticket === null || (isClosed(ticket.state) && (ticket.closedAt ?? ticket.updatedAt) < before);
}

/** Removes the commits of Tickets that are no longer in the ticket book. Returns how many Tickets these are. */
export async function sweepCommits({ leftovers, tickets }: OldTreesParts, remove: boolean): Promise<number> {
  const gone = new Set<string>();
  for (const id of await leftovers.commits()) if ((await tickets.get(id)) === null) gone.add(id);
  if (remove) await leftovers.forgetCommits(gone);
  return gone.size;
}
