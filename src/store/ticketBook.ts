import { Low } from "lowdb";
import { InvalidInputError, SelfhealError } from "../domain/errors.ts";
import type { TicketBook } from "../domain/ports/ticketBook.ts";
import { Ticket } from "../domain/ticket.ts";
import { createTicketFile, frozen, type TicketFileContent } from "./files/ticketFile.ts";
import type { EmbeddedDatabase } from "./sqlite/database.ts";
import { type Appended, createTicketLog, readOldLog, type TicketChange, type TicketLog } from "./sqlite/ticketLog.ts";
import { createTicketIndex, type TicketIndex } from "./ticketIndex.ts";

/** A TicketBook that can be closed. The Tickets that it returns are frozen. */
export interface EmbeddedTicketBook extends TicketBook {
  /** Resolves when all pending changes are written, and the file too. Later changes throw SelfhealError `storage`. */
  close(): Promise<void>;
}

/** A TicketBook from which old Tickets are removed. */
export interface ShrinkingTicketBook extends EmbeddedTicketBook {
  /** Removes Tickets, except those for which `when` returns false at that moment. Returns the removed Tickets. */
  remove(ids: readonly string[], when: (ticket: Ticket) => boolean): Promise<Ticket[]>;
}

/**
 * Maximum size of a small book, in Tickets. The file of a small book is written after every change, so that people find
 * the newest state there.
 */
const SMALL_BOOK = 100;
/** Maximum delay of the file of a small book, milliseconds. Many changes of a run share one write of it. */
const BEHIND_MS = 1000;
/**
 * Characters of the log per Ticket of the book at which the log is folded into the file. Both then cost about the same.
 */
const LOG_SIZE_PER_TICKET = 500;
/** Minimum characters of the log before it is folded, so that a few changes of a small book do not trigger it. */
const LEAST_LOG_SIZE = 256 * 1024;

/**
 * Opens the ticket book. `file` (lowdb, for people to read) has the book, and the database has the changes since the
 * file was written. A change is one row, which shares its commit with the other writes of the same turn (see
 * EmbeddedDatabase). Readers see only what is on disk. Throws SelfhealError `storage` for a corrupt file.
 */
export async function createTicketBook(file: string, db: EmbeddedDatabase): Promise<ShrinkingTicketBook> {
  const { book, log, folder } = await openBook(file, db);
  /** Changes whose commit is in progress; null: removed. Later jobs see them, readers do not. */
  const draft = new Map<string, Ticket | null>();
  const underWay = new Set<Promise<unknown>>();
  let closed = false;

  const current = (id: string): Ticket | null => {
    const changed = draft.get(id);
    return changed === undefined ? (book.get(id) ?? null) : changed;
  };
  const change = async <T>(apply: (made: Made) => T): Promise<T> => {
    if (closed) throw new SelfhealError("storage", `${file} is closed`);
    const made: Made = new Map();
    const rows: Appended[] = [];
    const committed = db.write(() => {
      const value = apply(made);
      for (const [id, ticket] of made) rows.push(log.append(changeOf(id, ticket)));
      for (const [id, ticket] of made) draft.set(id, ticket);
      return value;
    });
    underWay.add(committed);
    try {
      const value = await committed;
      for (const [id, ticket] of made) ticket === null ? book.delete(id) : book.set(ticket);
      for (const row of rows) log.confirm(row);
      if (rows.length > 0) folder.nudge();
      return value;
    } finally {
      for (const [id, ticket] of made) if (draft.get(id) === ticket) draft.delete(id);
      underWay.delete(committed);
    }
  };

  return {
    open: (ticket) => change((made) => current(ticket.id) ?? put(made, ticket)),
    update: (id, changeTicket) =>
      change((made) => {
        const ticket = current(id);
        if (ticket === null) throw new SelfhealError("ticketNotFound", `there is no ticket ${id}`);
        return put(made, { ...ticket, ...changeTicket(ticket), id });
      }),
    remove: (ids, when) =>
      change((made) => {
        const gone = ids.flatMap((id) => current(id) ?? []).filter(when);
        for (const { id } of gone) made.set(id, null);
        return gone;
      }),
    get: async (id) => book.get(id) ?? null,
    list: async (filter = {}) => book.list(filter),
    counts: async () => book.counts(),
    close: async () => {
      closed = true;
      while (underWay.size > 0) await Promise.allSettled([...underWay]);
      await folder.close();
    },
  };
}

/** Tickets that one job changes; null: removed. */
type Made = Map<string, Ticket | null>;

async function openBook(
  file: string,
  db: EmbeddedDatabase,
): Promise<{ book: TicketIndex; log: TicketLog; folder: LogFold }> {
  const low = new Low<TicketFileContent>(createTicketFile(file), { tickets: new Map() });
  await low.read();
  const book = createTicketIndex();
  for (const ticket of low.data.tickets.values()) book.set(ticket);
  const old = await readOldLog(`${file.replace(/\.json$/, "")}.log`);
  const log = createTicketLog(db);
  const changes = [...old.changes, ...log.read()];
  for (const made of changes) "put" in made ? book.set(frozen(made.put)) : book.delete(made.removed);
  const folder = createFolder({ low, book, log, db });
  if (changes.length > 0) await folder.fold();
  await old.remove();
  return { book, log, folder };
}

/** Folds the log into the book's file: writes the file and empties the log. */
interface LogFold {
  /** Signals that the log has grown. */
  nudge(): void;
  fold(): Promise<void>;
  /**
   * Writes the file a last time, so that a stopped server's file is the whole book. If this fails, the log still has
   * the changes.
   */
  close(): Promise<void>;
}

interface FolderDeps {
  low: Low<TicketFileContent>;
  book: TicketIndex;
  log: TicketLog;
  db: EmbeddedDatabase;
}

/** Creates the fold of the log into the file. Changes continue during a fold: what they add to the log stays there. */
function createFolder({ low, book, log, db }: FolderDeps): LogFold {
  let folding: Promise<void> | null = null;
  let timer: NodeJS.Timeout | null = null;
  const write = async (clear: (forget: () => void) => Promise<void>): Promise<void> => {
    const forget = log.fold();
    low.data = { tickets: new Map([...book.values()].map((ticket) => [ticket.id, ticket])) };
    await low.write();
    await clear(forget);
  };
  const fold = (): Promise<void> => {
    folding ??= write((forget) => db.write(forget)).finally(() => {
      folding = null;
    });
    return folding;
  };
  // A failed fold loses nothing: the log has all changes, and the next change tries again.
  const foldQuietly = () => void fold().catch(() => undefined);
  return {
    fold,
    nudge: () => {
      if (log.size > Math.max(LEAST_LOG_SIZE, book.size * LOG_SIZE_PER_TICKET)) return foldQuietly();
      if (book.size > SMALL_BOOK || timer !== null) return;
      timer = setTimeout(() => {
        timer = null;
        foldQuietly();
      }, BEHIND_MS).unref();
    },
    close: async () => {
      if (timer !== null) clearTimeout(timer);
      await folding?.catch(() => undefined);
      // Not through the database's queue, which may refuse writes by now.
      if (log.size > 0) await write(async (forget) => forget()).catch(() => undefined);
    },
  };
}

function changeOf(id: string, ticket: Ticket | null): TicketChange {
  return ticket === null ? { removed: id } : { put: ticket };
}

/**
 * Validates one Ticket (never the whole book) and adds it to the changes of a job. Throws InvalidInputError
 * `invalidTicket`.
 */
function put(made: Made, ticket: Ticket): Ticket {
  const parsed = Ticket.safeParse(ticket);
  if (!parsed.success) {
    throw new InvalidInputError(
      "invalidTicket",
      parsed.error.issues.map((i) => ({ path: i.path.join("."), message: i.message })),
    );
  }
  const kept = frozen(parsed.data);
  made.set(kept.id, kept);
  return kept;
}
