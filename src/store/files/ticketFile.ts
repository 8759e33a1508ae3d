import type { Adapter } from "lowdb";
import { z } from "zod";
import { messageOf, SelfhealError } from "../../domain/errors.ts";
import { Ticket } from "../../domain/ticket.ts";
import { readIfThere, writeFileAtomically } from "./atomicFile.ts";

/** All Tickets by id, oldest first. They are frozen: a change is a new object. */
export interface TicketFileContent {
  tickets: ReadonlyMap<string, Ticket>;
}

const VERSION = 1;

/** Buffers per piece: two for each Ticket. */
const PIECE = 400;

const OnDisk = z.object({ version: z.literal(VERSION), tickets: z.record(z.string(), Ticket) });

/**
 * Creates the lowdb adapter of `tickets.json`: pretty JSON, one entry per Ticket, replaced atomically and durably.
 * Reading throws SelfhealError `storage` if the file is not a ticket book, and never changes the file.
 */
export function createTicketFile(file: string): Adapter<TicketFileContent> {
  // Tickets are immutable, so the text of an unchanged Ticket is created once, however often the file is written.
  const texts = new WeakMap<Ticket, Buffer>();
  const textOf = (ticket: Ticket): Buffer => {
    const known = texts.get(ticket);
    if (known !== undefined) return known;
    const text = Buffer.from(`    ${JSON.stringify(ticket.id)}: ${indented(JSON.stringify(ticket, null, 2))}`);
    texts.set(ticket, text);
    return text;
  };

  return {
    read: async () => {
      const text = await readIfThere(file);
      return text === null ? null : parse(file, text);
    },
    write: async ({ tickets }) => {
      await writeFileAtomically(file, pieces(tickets, textOf));
    },
  };
}

/** The file's text in pieces, so that a large book does not block the event loop. */
async function* pieces(
  tickets: ReadonlyMap<string, Ticket>,
  textOf: (ticket: Ticket) => Buffer,
): AsyncGenerator<Buffer> {
  let chunks: Buffer[] = [Buffer.from(`{\n  "version": ${VERSION},\n  "tickets": {`)];
  let separator = "\n";
  for (const ticket of tickets.values()) {
    chunks.push(Buffer.from(separator), textOf(ticket));
    separator = ",\n";
    if (chunks.length < PIECE) continue;
    yield Buffer.concat(chunks);
    chunks = [];
  }
  yield Buffer.concat([...chunks, Buffer.from(tickets.size === 0 ? "}\n}\n" : "\n  }\n}\n")]);
}

/** Freezes a value at every depth and returns it. */
export function frozen<T>(value: T): T {
  if (typeof value !== "object" || value === null) return value;
  for (const part of Object.values(value)) frozen(part);
  return Object.freeze(value);
}

function indented(json: string): string {
  return json.replaceAll("\n", "\n    ");
}

function parse(file: string, text: string): TicketFileContent {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw corrupt(file, [`it is not JSON: ${messageOf(cause)}`], cause);
  }
  const parsed = OnDisk.safeParse(value);
  if (!parsed.success) {
    const faults = parsed.error.issues.map((i) => `${i.path.join(".")}: ${i.message}`);
    throw corrupt(file, faults, parsed.error);
  }
  const entries = Object.entries(parsed.data.tickets);
  const misplaced = entries.find(([id, ticket]) => id !== ticket.id);
  if (misplaced !== undefined)
    throw corrupt(file, [`tickets.${misplaced[0]}.id: must be the key it stands under`], null);
  return { tickets: new Map(entries.map(([id, ticket]) => [id, frozen(ticket)])) };
}

function corrupt(file: string, faults: readonly string[], cause: unknown): SelfhealError {
  return new SelfhealError(
    "storage",
    `the ticket book ${file} cannot be used, and was left as it is: ${faults.slice(0, 5).join("; ")}. ` +
      "Mend what is named, or move the file away to start with an empty book.",
    { cause },
  );
}
