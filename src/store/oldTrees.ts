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

/** Longer than it takes to remove a tree. */
const LEASE_MS = 60_000;

/** Takes away the working trees of tickets that ended before then, or that the book does not know; how many. */
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

/** Somebody may begin again on a closed ticket at any moment: they hold its lease, or wait for this to be done. */
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

/** Lets the commits of tickets go that are out of the book; how many tickets. */
export async function sweepCommits({ leftovers, tickets }: OldTreesParts, remove: boolean): Promise<number> {
  const gone = new Set<string>();
  for (const id of await leftovers.commits()) if ((await tickets.get(id)) === null) gone.add(id);
  if (remove) await leftovers.forgetCommits(gone);
  return gone.size;
}
