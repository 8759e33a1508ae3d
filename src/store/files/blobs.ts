import { statSync, unlinkSync } from "node:fs";
import { mkdir, readdir, utimes } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { fileErrorCode, messageOf, SelfhealError } from "../../domain/errors.ts";
import { digestOf } from "../../domain/patch.ts";
import type { BlobStore } from "../../domain/ports/blobStore.ts";
import { readIfThere, syncFolder, writeFileAtomically } from "./atomicFile.ts";

const DIGEST = /^[0-9a-f]{64}$/;

/** A BlobStore from which unused blobs can be removed. */
export interface EmbeddedBlobStore extends BlobStore {
  /** The folders that contain blobs. Each is small enough for one slice of a sweep. */
  folders(): Promise<string[]>;
  /**
   * Removes the blobs of a shelf that are not in `keep` and were last put before `before`, in milliseconds since the
   * epoch. A blob that is being put, or was put again since, stays, because its writer is about to refer to it. Returns
   * how many were removed, or would be if `remove` is false.
   */
  sweep(shelf: string, options: { keep: ReadonlySet<string>; before: number; remove: boolean }): Promise<number>;
}

/**
 * Creates a store of texts as files named by their SHA-256, in two levels of folders. `put` and `get` throw
 * SelfhealError `storage`.
 */
export function createBlobStore(dir: string): EmbeddedBlobStore {
  const writing = new Map<string, Promise<void>>();
  return {
    put: async (content) => {
      const digest = digestOf(content);
      const file = fileOf(dir, digest);
      // A rename in progress is not durable yet, so a concurrent put of the same text waits for it.
      const write = writing.get(digest) ?? store(dir, file, content);
      writing.set(digest, write);
      try {
        await write;
        return digest;
      } catch (cause) {
        throw new SelfhealError("storage", `cannot keep blob ${digest}: ${messageOf(cause)}`, { cause });
      } finally {
        writing.delete(digest);
      }
    },
    get: async (digest) => {
      if (!DIGEST.test(digest)) return null;
      const content = await readIfThere(fileOf(dir, digest));
      // A deployed Patch is identified only by its digest, so a file that was changed must not be returned for it.
      if (content !== null && digestOf(content) !== digest) {
        throw new SelfhealError("storage", `blob ${digest} does not have the content of its name any more`);
      }
      return content;
    },
    folders: async () => (await readdir(dir)).filter((name) => SHELF.test(name)),
    sweep: async (shelf, { keep, before, remove }) => {
      let gone = 0;
      for (const file of await filesUnder(join(dir, shelf))) {
        const digest = basename(file);
        if (keep.has(digest)) continue;
        // From here to the removal the code is synchronous. A put either started before, and is seen, or finds no file.
        if (writing.has(digest) || !isOlder(file, before)) continue;
        if (remove) unlinkSync(file);
        gone += 1;
      }
      return gone;
    },
  };
}

const SHELF = /^[0-9a-f]{2}$/;

async function filesUnder(shelf: string): Promise<string[]> {
  const found: string[] = [];
  for (const folder of await readdir(shelf)) {
    for (const name of await readdir(join(shelf, folder))) if (DIGEST.test(name)) found.push(join(shelf, folder, name));
  }
  return found;
}

function isOlder(file: string, before: number): boolean {
  return (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? before) < before;
}

function fileOf(dir: string, digest: string): string {
  return join(dir, digest.slice(0, 2), digest.slice(2, 4), digest);
}

async function store(dir: string, file: string, content: string): Promise<void> {
  if (await touched(file)) return;
  const made = await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  if (made !== undefined) {
    await syncFolder(dirname(dirname(file)));
    await syncFolder(dir);
  }
  await writeFileAtomically(file, content);
}

/** Whether the file exists. Its time is set to now, so that no sweep removes it before its writer refers to it. */
async function touched(file: string): Promise<boolean> {
  try {
    const now = new Date();
    await utimes(file, now, now);
    return true;
  } catch (thrown) {
    if (fileErrorCode(thrown) === "ENOENT") return false;
    throw thrown;
  }
}
