import { SelfhealError } from "../domain/errors.ts";
import type { Patch } from "../domain/patch.ts";
import type { BlobStore } from "../domain/ports/blobStore.ts";
import type { TicketBook } from "../domain/ports/ticketBook.ts";
import type { Service } from "../domain/service.ts";
import type { Ticket } from "../domain/ticket.ts";

/** The ticket. Throws SelfhealError `ticketNotFound`. */
export async function requireTicket(tickets: TicketBook, id: string): Promise<Ticket> {
  const ticket = await tickets.get(id);
  if (ticket === null) throw new SelfhealError("ticketNotFound", `there is no ticket ${id}`);
  return ticket;
}

/** The ticket's service. Throws SelfhealError `serviceNotFound` if the configuration changed during the run. */
export function requireService(services: ReadonlyMap<string, Service>, ticket: Ticket): Service {
  const service = services.get(ticket.service);
  if (service === undefined) throw new SelfhealError("serviceNotFound", `no service "${ticket.service}" is configured`);
  return service;
}

/** The ticket's Patch and its diff. Throws SelfhealError `patchNotFound` if either is missing. */
export async function requirePatch(blobs: BlobStore, ticket: Ticket): Promise<{ patch: Patch; diff: string }> {
  const { patch } = ticket;
  const diff = patch === null ? null : await blobs.get(patch.digest);
  if (patch === null || diff === null)
    throw new SelfhealError("patchNotFound", `ticket ${ticket.id} has no patch that can be read`);
  return { patch, diff };
}
