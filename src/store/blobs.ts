import { mkdir, readFile, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { messageOf, SelfhealError } from "../domain/errors.ts";
import { digestOf } from "../domain/patch.ts";
import type { BlobStore } from "../domain/ports.ts";
import { fileErrorCode, syncFolder, writeFileAtomically } from "./atomicFile.ts";

const DIGEST = /^[0-9a-f]{64}$/;

/** Texts as files named by their SHA-256, in two levels of folders. Faults are SelfhealError `storage`. */
export function createBlobStore(dir: string): BlobStore {
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
  };
}

function fileOf(dir: string, digest: string): string {
  return join(dir, digest.slice(0, 2), digest.slice(2, 4), digest);
}

async function store(dir: string, file: string, content: string): Promise<void> {
  if (await isThere(file)) return;
  const made = await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  if (made !== undefined) {
    await syncFolder(dirname(dirname(file)));
    await syncFolder(dir);
  }
  await writeFileAtomically(file, content);
}

async function isThere(file: string): Promise<boolean> {
  try {
    return (await stat(file)).isFile();
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
