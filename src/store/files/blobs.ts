import { statSync, unlinkSync } from "node:fs";
import { mkdir, readdir, readFile, utimes } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { fileErrorCode, messageOf, SelfhealError } from "../../domain/errors.ts";
import { digestOf } from "../../domain/patch.ts";
import type { BlobStore } from "../../domain/ports/blobStore.ts";
import { syncFolder, writeFileAtomically } from "./atomicFile.ts";

const DIGEST = /^[0-9a-f]{64}$/;

/** A BlobStore that can be swept. */
export interface EmbeddedBlobStore extends BlobStore {
  /** The folders that blobs are in, each small enough for one slice. */
  shelves(): Promise<string[]>;
  /**
   * Removes the blobs of a shelf that are not kept and were last put before `before`. One that is being put, or was put
   * again since, stays: whoever put it is about to name it. How many went, or would go.
   */
  sweep(shelf: string, options: { keep: ReadonlySet<string>; before: number; remove: boolean }): Promise<number>;
}

/** Texts as files named by their SHA-256, in two levels of folders. Faults are SelfhealError `storage`. */
export function createBlobStore(dir: string): EmbeddedBlobStore {
  const writing = new Map<string, Promise<void>>();
  return {
    put: async (content) => {
      const digest = digestOf(content);
      const file = fileOf(dir, digest);
      // A rename that is under way is not durable yet: whoever puts the same text waits for it.
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
      // What is deployed is named by its digest alone, so a file that was changed must not pass for it.
      if (content !== null && digestOf(content) !== digest) {
        throw new SelfhealError("storage", `blob ${digest} does not have the content of its name any more`);
      }
      return content;
    },
    shelves: async () => (await readdir(dir)).filter((name) => SHELF.test(name)),
    sweep: async (shelf, { keep, before, remove }) => {
      let gone = 0;
      for (const file of await filesUnder(join(dir, shelf))) {
        const digest = basename(file);
        if (keep.has(digest)) continue;
        // From here to the removal nothing else runs, so a put comes either before, and is seen, or finds no file.
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

/** Whether the file is there; its time is now, so that no sweep takes it from under whoever just put it. */
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

async function readIfThere(file: string): Promise<string | null> {
  try {
    return await readFile(file, "utf8");
  } catch (cause) {
    if (fileErrorCode(cause) === "ENOENT") return null;
    throw new SelfhealError("storage", `cannot read ${file}: ${messageOf(cause)}`, { cause });
  }
}
