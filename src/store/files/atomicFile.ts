import { open, readFile, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { fileErrorCode, messageOf, SelfhealError } from "../../domain/errors.ts";

/**
 * Replaces a file so that a crash at any moment leaves the old or the new content, complete and on disk: temporary
 * file, fsync, rename, fsync of the folder. Two writers of one file must not run concurrently.
 */
export async function writeFileAtomically(
  file: string,
  content: string | Uint8Array | AsyncIterable<Uint8Array>,
): Promise<void> {
  const temporary = `${file}.tmp`;
  try {
    const handle = await open(temporary, "w", 0o600);
    try {
      if (typeof content === "string" || content instanceof Uint8Array) await handle.writeFile(content);
      else for await (const piece of content) await handle.appendFile(piece);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
  } catch (thrown) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw thrown;
  }
  await syncFolder(dirname(file));
}

/** Makes the names in a folder durable (fsync). */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Reads a text file; null if it does not exist. Throws SelfhealError `storage`. */
export async function readIfThere(file: string): Promise<string | null> {
  try {
    return await readFile(file, "utf8");
  } catch (cause) {
    if (fileErrorCode(cause) === "ENOENT") return null;
    throw new SelfhealError("storage", `cannot read ${file}: ${messageOf(cause)}`, { cause });
  }
}
