import { readFile, rm } from "node:fs/promises";
import { z } from "zod";
import { fileErrorCode, messageOf, SelfhealError } from "../../domain/errors.ts";
import { Ticket } from "../../domain/ticket.ts";
import type { EmbeddedDatabase } from "./database.ts";

/** One change of the ticket book: the new state of a Ticket, or the id of a removed Ticket. */
export type TicketChange = { put: Ticket } | { removed: string };

const Change = z.union([z.strictObject({ put: Ticket }), z.strictObject({ removed: z.string() })]);

/**
 * The changes since `tickets.json` was written as a whole, one row each. A change becomes durable together with the
 * rest of its commit.
 */
export interface TicketLog {
  /** All changes, oldest first. Throws SelfhealError `storage` if a change cannot be read. */
  read(): TicketChange[];
  /** Characters of the changes that are not folded yet. */
  readonly size: number;
  /** Adds a change. Call it only inside a write of the database. */
  append(change: TicketChange): Appended;
  /** Marks a change as committed and applied to the book. */
  confirm(appended: Appended): void;
  /**
   * Starts a fold of the confirmed changes. The returned function removes their rows; call it once `tickets.json`
   * contains them.
   */
  fold(): () => void;
}

/** A change that was added. `size` is in characters. */
export interface Appended {
  sequence: number;
  size: number;
}

/** Creates the log over the table `ticket_changes`. */
export function createTicketLog({ sqlite }: EmbeddedDatabase): TicketLog {
  const all = sqlite.prepare<[], { sequence: number; json: string }>(
    "SELECT sequence, json FROM ticket_changes ORDER BY sequence",
  );
  const insert = sqlite.prepare("INSERT INTO ticket_changes (json) VALUES (?)");
  const remove = sqlite.prepare("DELETE FROM ticket_changes WHERE sequence <= ?");
  let size = 0;
  let confirmed = 0;
  return {
    read: () => {
      const rows = all.all();
      size = rows.reduce((sum, { json }) => sum + json.length, 0);
      confirmed = rows.at(-1)?.sequence ?? 0;
      return rows.map(({ json, sequence }) => readChange(`change ${sequence} of the ticket book`, json));
    },
    get size() {
      return size;
    },
    append: (change) => {
      const json = JSON.stringify(change);
      return { sequence: Number(insert.run(json).lastInsertRowid), size: json.length };
    },
    confirm: (appended) => {
      confirmed = appended.sequence;
      size += appended.size;
    },
    fold: () => {
      const [upTo, folded] = [confirmed, size];
      return () => {
        remove.run(upTo);
        size -= folded;
      };
    },
  };
}

/**
 * Reads the changes that an older selfheal left in `tickets.log`, one JSON line each. `remove` deletes the file. A last
 * line without a line end was never confirmed and is ignored. Throws SelfhealError `storage` if another line cannot be
 * read.
 */
export async function readOldLog(file: string): Promise<{ changes: TicketChange[]; remove(): Promise<void> }> {
  const text = await readFile(file, "utf8").catch((cause: unknown) => {
    if (fileErrorCode(cause) === "ENOENT") return "";
    throw new SelfhealError("storage", `cannot read ${file}: ${messageOf(cause)}`, { cause });
  });
  const lines = text.split("\n").slice(0, -1);
  return {
    changes: lines.map((line, index) => readChange(`line ${index + 1} of ${file}`, line)),
    remove: () => rm(file, { force: true }),
  };
}

function readChange(what: string, json: string): TicketChange {
  try {
    return Change.parse(JSON.parse(json));
  } catch (cause) {
    const why = `${what} cannot be read: ${messageOf(cause).slice(0, 300)}`;
    throw new SelfhealError("storage", `${why}. Mend it, or remove it to go without that change.`, { cause });
  }
}
