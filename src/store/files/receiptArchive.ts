import { mkdir, open, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileErrorCode, messageOf, SelfhealError } from "../../domain/errors.ts";
import { digestOf } from "../../domain/patch.ts";
import type { Ticket } from "../../domain/ticket.ts";
import { syncFolder } from "./atomicFile.ts";

/** Where the receipt of a Ticket is archived. */
export interface Archived {
  ticketId: string;
  /** The file's name in the archive folder. */
  file: string;
  /** SHA-256 of the Ticket's line. The audit log records it. */
  line: string;
}

/**
 * Receipts of Tickets that left the ticket book: `archive/YYYY-MM.ndjson`, one JSON line per Ticket, by the month in
 * which it left.
 */
export interface TicketArchive {
  /**
   * Durable when it resolves. A Ticket that is archived already (after a crash) is not written again. Throws
   * SelfhealError `storage`.
   */
  add(tickets: readonly Ticket[], now: number): Promise<Archived[]>;
}

/** Creates the archive in a folder. The folder is created with the first receipt. */
export function createTicketArchive(dir: string): TicketArchive {
  let known: Map<string, Archived> | null = null;
  return {
    add: async (tickets, now) => {
      try {
        known ??= await readAll(dir);
        const there = known;
        const file = `${new Date(now).toISOString().slice(0, 7)}.ndjson`;
        const lines = tickets.filter(({ id }) => !there.has(id)).map((ticket) => lineOf(ticket, now));
        if (lines.length > 0) await append(dir, file, lines);
        for (const line of lines) note(there, file, line);
        return tickets.flatMap(({ id }) => there.get(id) ?? []);
      } catch (cause) {
        // The files are read again before the next attempt.
        known = null;
        throw new SelfhealError("storage", `cannot write the archive ${dir}: ${messageOf(cause)}`, { cause });
      }
    },
  };
}

/**
 * The Ticket without long texts: diffs that people wrote, and the output of commands. Digests stay, in the audit log
 * too.
 */
function lineOf(ticket: Ticket, now: number): string {
  const decisions = ticket.decisions.map(({ diff, ...rest }) => ({
    ...rest,
    ...(diff !== undefined && { diffDigest: digestOf(diff) }),
  }));
  const receipt = { archivedAt: now, ticket: { ...ticket, decisions } };
  return JSON.stringify(receipt, (key, value: unknown) => (key === "tail" ? undefined : value));
}

async function append(dir: string, file: string, lines: readonly string[]): Promise<void> {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const handle = await open(join(dir, file), "a+", 0o600);
  try {
    await handle.appendFile(`${(await endsWhole(handle)) ? "" : "\n"}${lines.join("\n")}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await syncFolder(dir);
}

/** Whether the file is empty or ends with a line feed. Otherwise a crash cut off its last line. */
async function endsWhole(handle: Awaited<ReturnType<typeof open>>): Promise<boolean> {
  const { size } = await handle.stat();
  if (size === 0) return true;
  const { buffer } = await handle.read({ buffer: Buffer.alloc(1), position: size - 1 });
  return buffer.toString() === "\n";
}

const START = /^\{"archivedAt":\d+,"ticket":\{"id":"([0-9a-f-]{36})"/;

function note(known: Map<string, Archived>, file: string, line: string): void {
  const ticketId = START.exec(line)?.[1];
  if (ticketId !== undefined) known.set(ticketId, { ticketId, file, line: digestOf(line) });
}

/** Reads only complete lines. A line that was cut off is not a receipt, and its Ticket is written again. */
async function readAll(dir: string): Promise<Map<string, Archived>> {
  const known = new Map<string, Archived>();
  for (const file of await filesOf(dir)) {
    const lines = (await readFile(join(dir, file), "utf8")).split("\n");
    for (const line of lines.slice(0, -1)) if (line.endsWith("}}")) note(known, file, line);
  }
  return known;
}

async function filesOf(dir: string): Promise<string[]> {
  try {
    return (await readdir(dir)).filter((name) => name.endsWith(".ndjson"));
  } catch (thrown) {
    if (fileErrorCode(thrown) === "ENOENT") return [];
    throw thrown;
  }
}
