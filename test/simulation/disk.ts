import Database from "better-sqlite3";
import { InvalidInputError, SelfhealError } from "../../src/domain/errors.ts";
import { digestOf } from "../../src/domain/patch.ts";
import type { BlobStore } from "../../src/domain/ports/blobStore.ts";
import type { Clock } from "../../src/domain/ports/clock.ts";
import { Ticket } from "../../src/domain/ticket.ts";
import { type EmbeddedStores, storesOf } from "../../src/store/embedded.ts";
import { frozen } from "../../src/store/files/ticketFile.ts";
import type { EmbeddedDatabase } from "../../src/store/sqlite/database.ts";
import { migrate } from "../../src/store/sqlite/migrations.ts";
import { createSourceMapStore } from "../../src/store/sqlite/sourceMaps.ts";
import type { EmbeddedTicketBook } from "../../src/store/ticketBook.ts";

/** What a process that was lost leaves behind. */
export interface Disk {
  sqlite: Database.Database;
  tickets: Map<string, Ticket>;
  blobs: Map<string, string>;
}

/** Makes a write durable at some time; rejects when the disk fails. Never settles for a process that was lost. */
export type Write = <T>(name: string, job: () => T) => Promise<T>;

let blank: Buffer | null = null;

/** An empty disk with the newest schema. */
export function createDisk(): Disk {
  if (blank === null) {
    const first = new Database(":memory:");
    migrate(first);
    blank = first.serialize();
    first.close();
  }
  const sqlite = new Database(blank);
  sqlite.pragma("foreign_keys = ON");
  return { sqlite, tickets: new Map(), blobs: new Map() };
}

/**
 * The real stores over a disk that is pretended: SQLite in memory, each write of it one effect. The ticket book and the
 * blobs, which are files, are kept in memory.
 */
export function openStores(disk: Disk, write: Write, clock: Clock): EmbeddedStores {
  const db: EmbeddedDatabase = {
    sqlite: disk.sqlite,
    write: (job) => write("database", disk.sqlite.transaction(job)),
    close: () => undefined,
  };
  const blobs = blobStore(disk.blobs, write);
  return {
    ...storesOf(db, clock),
    tickets: ticketBook(disk.tickets, write),
    blobs,
    sourceMaps: createSourceMapStore(db, blobs),
    checkpoints: disk.sqlite,
    close: async () => undefined,
  };
}

function blobStore(blobs: Map<string, string>, write: Write): BlobStore {
  return {
    put: (content) =>
      write("blob", () => {
        blobs.set(digestOf(content), content);
        return digestOf(content);
      }),
    get: async (digest) => blobs.get(digest) ?? null,
  };
}

function ticketBook(tickets: Map<string, Ticket>, write: Write): EmbeddedTicketBook {
  const put = (ticket: Ticket): Ticket => {
    const parsed = Ticket.safeParse(ticket);
    if (!parsed.success) {
      const faults = parsed.error.issues.map((i) => ({ path: i.path.join("."), message: i.message }));
      throw new InvalidInputError("invalidTicket", faults);
    }
    const kept = frozen(parsed.data);
    tickets.set(kept.id, kept);
    return kept;
  };
  return {
    open: (ticket) => write("ticket opened", () => tickets.get(ticket.id) ?? put(ticket)),
    update: (id, change) =>
      write("ticket", () => {
        const ticket = tickets.get(id);
        if (ticket === undefined) throw new SelfhealError("ticketNotFound", `there is no ticket ${id}`);
        return put({ ...ticket, ...change(ticket), id });
      }),
    get: async (id) => tickets.get(id) ?? null,
    list: async ({ state, service, batchId } = {}) =>
      [...tickets.values()]
        .filter((t) => state === undefined || t.state === state)
        .filter((t) => service === undefined || t.service === service)
        .filter((t) => batchId === undefined || t.batchId === batchId)
        .reverse()
        .sort((a, b) => b.openedAt - a.openedAt),
    counts: async () => {
      throw new Error("nobody counts tickets here");
    },
    close: async () => undefined,
  };
}
