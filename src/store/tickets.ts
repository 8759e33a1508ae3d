import { Low } from "lowdb";
import { InvalidInputError, messageOf, SelfhealError } from "../domain/errors.ts";
import type { TicketBook } from "../domain/ports.ts";
import { Ticket } from "../domain/ticket.ts";
import { createTicketFile, frozen } from "./ticketFile.ts";

/** A TicketBook that can be put down. Tickets it returns are frozen. */
export interface EmbeddedTicketBook extends TicketBook {
  /** Resolves when everything that waits is written; afterwards every change is refused. */
  close(): Promise<void>;
}

interface Waiting {
  apply(draft: Map<string, Ticket>): Ticket;
  resolve(ticket: Ticket): void;
  reject(thrown: unknown): void;
}

/**
 * Opens the ticket book in `file` (lowdb). Changes are applied one after another; those that arrive while a write is
 * under way share the next one. Readers see only what is on disk. Throws SelfhealError `storage` for a corrupt file.
 */
export async function createTicketBook(file: string): Promise<EmbeddedTicketBook> {
  const low = new Low(createTicketFile(file), { tickets: new Map<string, Ticket>() });
  await low.read();
  let committed = low.data.tickets;
  const waiting: Waiting[] = [];
  let writing: Promise<void> | null = null;
  let closed = false;

  const writeGroup = async (): Promise<void> => {
    const draft = new Map(committed);
    const applied = waiting.splice(0).flatMap((change) => applyOne(change, draft));
    try {
      if (applied.some(({ ticket }) => committed.get(ticket.id) !== ticket)) {
        low.data = { tickets: draft };
        await low.write();
        committed = draft;
      }
    } catch (cause) {
      const fault = new SelfhealError("storage", `cannot write ${file}: ${messageOf(cause)}`, { cause });
      for (const { change } of applied) change.reject(fault);
      return;
    }
    for (const { change, ticket } of applied) change.resolve(ticket);
  };
  const writeAll = async (): Promise<void> => {
    await Promise.resolve(); // gathers what the same turn asks for
    while (waiting.length > 0) await writeGroup();
    writing = null;
  };
  const change = (apply: Waiting["apply"]): Promise<Ticket> =>
    new Promise((resolve, reject) => {
      if (closed) return reject(new SelfhealError("storage", `${file} is closed`));
      waiting.push({ apply, resolve, reject });
      writing ??= writeAll();
    });

  return {
    open: (ticket) =>
      change((draft) => {
        const existing = draft.get(ticket.id);
        if (existing !== undefined) return existing;
        return put(draft, ticket);
      }),
    update: (id, changeOf) =>
      change((draft) => {
        const ticket = draft.get(id);
        if (ticket === undefined) throw new SelfhealError("ticketNotFound", `there is no ticket ${id}`);
        return put(draft, { ...ticket, ...changeOf(ticket), id });
      }),
    get: async (id) => committed.get(id) ?? null,
    list: async (filter = {}) => newestFirst([...committed.values()].filter((ticket) => matches(ticket, filter))),
    close: async () => {
      closed = true;
      await writing;
    },
  };
}

function applyOne(change: Waiting, draft: Map<string, Ticket>): { change: Waiting; ticket: Ticket }[] {
  try {
    return [{ change, ticket: change.apply(draft) }];
  } catch (thrown) {
    change.reject(thrown);
    return [];
  }
}

/** Checks one ticket (never the whole book) and puts it into the draft. */
function put(draft: Map<string, Ticket>, ticket: Ticket): Ticket {
  const parsed = Ticket.safeParse(ticket);
  if (!parsed.success) {
    throw new InvalidInputError(
      "invalidTicket",
      parsed.error.issues.map((i) => ({ path: i.path.join("."), message: i.message })),
    );
  }
  const kept = frozen(parsed.data);
  draft.set(kept.id, kept);
  return kept;
}

function matches(ticket: Ticket, filter: NonNullable<Parameters<TicketBook["list"]>[0]>): boolean {
  return (
    (filter.state === undefined || ticket.state === filter.state) &&
    (filter.service === undefined || ticket.service === filter.service) &&
    (filter.batchId === undefined || ticket.batchId === filter.batchId)
  );
}

/** By openedAt; of two opened together, the one that came later is first. */
function newestFirst(tickets: Ticket[]): Ticket[] {
  return tickets.reverse().sort((a, b) => b.openedAt - a.openedAt);
}
