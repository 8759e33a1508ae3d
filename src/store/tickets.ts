import { Low } from "lowdb";
import { InvalidInputError, messageOf, SelfhealError } from "../domain/errors.ts";
import type { TicketBook } from "../domain/ports.ts";
import { Ticket } from "../domain/ticket.ts";
import { createTicketFile, frozen, type TicketFileContent } from "./ticketFile.ts";
import { createTicketIndex, type TicketIndex } from "./ticketIndex.ts";
import { openTicketLog, type TicketChange, type TicketLog } from "./ticketLog.ts";

/** A TicketBook that can be put down. Tickets it returns are frozen. */
export interface EmbeddedTicketBook extends TicketBook {
  /** Resolves when everything that waits is written; afterwards every change is refused. */
  close(): Promise<void>;
}

/** A TicketBook that old tickets leave. */
export interface ShrinkingTicketBook extends EmbeddedTicketBook {
  /** Takes tickets out, but for those that `when` says no to at that moment. Returns those that went. */
  remove(ids: readonly string[], when: (ticket: Ticket) => boolean): Promise<Ticket[]>;
}

/** Tickets changed by the group that is being written; null: removed. What is not in it is as in the book. */
type Draft = Map<string, Ticket | null>;

interface Waiting {
  apply(draft: Draft): void;
  resolve(): void;
  reject(thrown: unknown): void;
}

/** A book up to this many tickets is written whole with every change: that is fast enough, and always there to read. */
const SMALL_BOOK = 100;
/** The log is folded into the file when it has this many bytes a ticket of the book: then both cost about the same. */
const LOG_BYTES_PER_TICKET = 500;

/**
 * Opens the ticket book: `file` (lowdb, for people to read) and, where the book is large, `tickets.log` beside it with what
 * changed since. Changes are applied one after another; those that arrive while a write is under way share the next one.
 * Readers see only what is on disk. Throws SelfhealError `storage` for a corrupt file.
 */
export async function createTicketBook(file: string): Promise<ShrinkingTicketBook> {
  const { book, disk } = await openDisk(file);
  const waiting: Waiting[] = [];
  let writing: Promise<void> | null = null;
  let closed = false;

  const writeGroup = async (): Promise<void> => {
    const draft: Draft = new Map();
    const applied = waiting.splice(0).filter((change) => isApplied(change, draft));
    const changes = [...draft].filter(([id, ticket]) => (book.get(id) ?? null) !== ticket);
    try {
      if (changes.length > 0) await disk.write(changes.map(([id, ticket]) => changeOf(id, ticket)));
    } catch (cause) {
      const fault = new SelfhealError("storage", `cannot write ${file}: ${messageOf(cause)}`, { cause });
      for (const change of applied) change.reject(fault);
      return;
    }
    for (const [id, ticket] of changes) ticket === null ? book.delete(id) : book.set(ticket);
    for (const change of applied) change.resolve();
    await disk.tidy().catch(() => undefined); // the log holds it all, and the next write tries again
  };
  const writeAll = async (): Promise<void> => {
    await Promise.resolve(); // gathers what the same turn asks for
    while (waiting.length > 0) await writeGroup();
    writing = null;
  };
  const change = <T>(apply: (draft: Draft) => T): Promise<T> =>
    new Promise((resolve, reject) => {
      if (closed) return reject(new SelfhealError("storage", `${file} is closed`));
      let value: T;
      waiting.push({
        apply: (draft) => {
          value = apply(draft);
        },
        resolve: () => resolve(value),
        reject,
      });
      writing ??= writeAll();
    });
  const current = (draft: Draft, id: string): Ticket | null => {
    const changed = draft.get(id);
    return changed === undefined ? (book.get(id) ?? null) : changed;
  };

  return {
    open: (ticket) => change((draft) => current(draft, ticket.id) ?? put(draft, ticket)),
    update: (id, changeTicket) =>
      change((draft) => {
        const ticket = current(draft, id);
        if (ticket === null) throw new SelfhealError("ticketNotFound", `there is no ticket ${id}`);
        return put(draft, { ...ticket, ...changeTicket(ticket), id });
      }),
    remove: (ids, when) =>
      change((draft) => {
        const gone = ids.flatMap((id) => current(draft, id) ?? []).filter(when);
        for (const { id } of gone) draft.set(id, null);
        return gone;
      }),
    get: async (id) => book.get(id) ?? null,
    list: async (filter = {}) => book.list(filter),
    close: async () => {
      closed = true;
      await writing;
      await disk.close();
    },
  };
}

interface TicketDisk {
  /** Durable when it resolves. `changes` are not in the book yet. */
  write(changes: readonly TicketChange[]): Promise<void>;
  /** Folds the log into the file when it has grown long. */
  tidy(): Promise<void>;
  close(): Promise<void>;
}

async function openDisk(file: string): Promise<{ book: TicketIndex; disk: TicketDisk }> {
  const low = new Low<TicketFileContent>(createTicketFile(file), { tickets: new Map() });
  await low.read();
  const book = createTicketIndex();
  for (const ticket of low.data.tickets.values()) book.set(ticket);
  const { changes, log } = await openTicketLog(`${file.replace(/\.json$/, "")}.log`);
  for (const made of changes) "put" in made ? book.set(frozen(made.put)) : book.delete(made.removed);

  const writeWhole = async (tickets: Map<string, Ticket>): Promise<void> => {
    low.data = { tickets };
    await low.write();
    await log.clear();
  };
  const all = () => new Map([...book.values()].map((ticket) => [ticket.id, ticket]));
  const disk: TicketDisk = {
    write: async (made) => {
      if (book.size > SMALL_BOOK || log.size > 0) return log.append(made);
      const tickets = all();
      for (const one of made) "put" in one ? tickets.set(one.put.id, one.put) : tickets.delete(one.removed);
      await writeWhole(tickets);
    },
    tidy: async () => {
      if (isLong(log, book)) await writeWhole(all());
    },
    close: async () => {
      // So that a stopped server's file is the whole book. Where this fails, the log still has it.
      if (log.size > 0) await writeWhole(all()).catch(() => undefined);
      await log.close();
    },
  };
  if (log.size > 0) await writeWhole(all());
  return { book, disk };
}

function isLong(log: TicketLog, book: TicketIndex): boolean {
  return log.size > 0 && (book.size <= SMALL_BOOK || log.size > book.size * LOG_BYTES_PER_TICKET);
}

function changeOf(id: string, ticket: Ticket | null): TicketChange {
  return ticket === null ? { removed: id } : { put: ticket };
}

/** Whether it could be applied; its caller is told when not. */
function isApplied(change: Waiting, draft: Draft): boolean {
  try {
    change.apply(draft);
    return true;
  } catch (thrown) {
    change.reject(thrown);
    return false;
  }
}

/** Checks one ticket (never the whole book) and puts it into the draft. */
function put(draft: Draft, ticket: Ticket): Ticket {
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
