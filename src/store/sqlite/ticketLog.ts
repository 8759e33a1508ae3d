import { readFile, rm } from "node:fs/promises";
import { z } from "zod";
import { fileErrorCode, messageOf, SelfhealError } from "../../domain/errors.ts";
import { Ticket } from "../../domain/ticket.ts";
import type { EmbeddedDatabase } from "./database.ts";

/** One change of the ticket book: a ticket as it is now, or the id of one that left. */
export type TicketChange = { put: Ticket } | { removed: string };

const Change = z.union([z.strictObject({ put: Ticket }), z.strictObject({ removed: z.string() })]);

/** Changes since `tickets.json` was written whole, one row each: durable with whatever is committed beside them. */
export interface TicketLog {
  /** All of them, oldest first. Throws SelfhealError `storage` for one that cannot be read. */
  read(): TicketChange[];
  /** Characters in it that nobody folded yet. */
  readonly size: number;
  /** Only inside a write of the database. */
  append(change: TicketChange): Appended;
  /** It is committed, and in the book. */
  confirm(appended: Appended): void;
  /** Starts a fold of what is confirmed; the result takes those rows away, once `tickets.json` holds them. */
  fold(): () => void;
}

export interface Appended {
  sequence: number;
  size: number;
}

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
 * What an older selfheal left in `tickets.log`, one JSON line a change, and how to take the file away. A last line without
 * its end was never confirmed, and is forgotten; any other line that cannot be read is SelfhealError `storage`.
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
