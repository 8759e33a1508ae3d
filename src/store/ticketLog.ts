import { type FileHandle, open, readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { z } from "zod";
import { messageOf, SelfhealError } from "../domain/errors.ts";
import { Ticket } from "../domain/ticket.ts";
import { fileErrorCode, syncFolder } from "./atomicFile.ts";

/** One change of the ticket book: a ticket as it is now, or the id of one that left. */
export type TicketChange = { put: Ticket } | { removed: string };

const Change = z.union([z.strictObject({ put: Ticket }), z.strictObject({ removed: z.string() })]);

/** `tickets.log`: changes since `tickets.json` was written whole, one JSON line each. */
export interface TicketLog {
  /** Bytes in it. */
  readonly size: number;
  /** Durable when it resolves; when it rejects, nothing of it will be there. */
  append(changes: readonly TicketChange[]): Promise<void>;
  /** Empties it: `tickets.json` holds everything now. A crash before this only replays what is there already. */
  clear(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Reads the changes and opens the log for more. A last line without its end was never confirmed, and is forgotten; any other
 * line that cannot be read is SelfhealError `storage`.
 */
export async function openTicketLog(file: string): Promise<{ changes: TicketChange[]; log: TicketLog }> {
  const { changes, size, torn } = await readChanges(file);
  let handle: FileHandle | null = null;
  let whole = size;
  // Whatever is behind the last whole line goes before anything is written there.
  let clean = !torn;
  const opened = async (): Promise<FileHandle> => {
    if (handle === null) {
      handle = await openFile(file);
      await syncFolder(dirname(file));
    }
    if (!clean) await handle.truncate(whole);
    clean = true;
    return handle;
  };
  const log: TicketLog = {
    get size() {
      return whole;
    },
    append: async (added) => {
      const text = Buffer.from(added.map((change) => `${JSON.stringify(change)}\n`).join(""));
      const to = await opened();
      clean = false;
      await writeAll(to, text, whole);
      await to.datasync();
      whole += text.length;
      clean = true;
    },
    clear: async () => {
      if (whole === 0 && clean) return;
      whole = 0;
      clean = false;
      await (await opened()).datasync();
    },
    close: async () => {
      await handle?.close();
      handle = null;
    },
  };
  return { changes, log };
}

/** Not for appending: the system would ignore the position. */
async function openFile(file: string): Promise<FileHandle> {
  try {
    return await open(file, "r+");
  } catch (thrown) {
    if (fileErrorCode(thrown) !== "ENOENT") throw thrown;
    return open(file, "w+", 0o600);
  }
}

async function writeAll(handle: FileHandle, bytes: Buffer, at: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    done += (await handle.write(bytes, done, bytes.length - done, at + done)).bytesWritten;
  }
}

async function readChanges(file: string): Promise<{ changes: TicketChange[]; size: number; torn: boolean }> {
  const bytes = await readFile(file).catch((cause: unknown) => {
    if (fileErrorCode(cause) === "ENOENT") return Buffer.alloc(0);
    throw new SelfhealError("storage", `cannot read ${file}: ${messageOf(cause)}`, { cause });
  });
  const size = bytes.lastIndexOf("\n") + 1;
  const lines = bytes.subarray(0, size).toString("utf8").split("\n").slice(0, -1);
  return { changes: lines.map((line, index) => readChange(file, line, index + 1)), size, torn: size < bytes.length };
}

function readChange(file: string, line: string, number: number): TicketChange {
  try {
    return Change.parse(JSON.parse(line));
  } catch (cause) {
    const what = `line ${number} of ${file} cannot be read: ${messageOf(cause).slice(0, 300)}`;
    throw new SelfhealError("storage", `${what}. Mend it, or remove the line to go without that change.`, { cause });
  }
}
