import { constants } from "node:fs";
import { open, readdir } from "node:fs/promises";
import { join } from "node:path";

/** Folder of a command's reports, inside the sandbox. */
export const OUT = "/run/selfheal-out";

const MAX_FILES = 400;
const MAX_FILE_BYTES = 24 * 1024 * 1024;
const MAX_BYTES = 96 * 1024 * 1024;
const MAX_DEPTH = 3;

/**
 * The files that a command left in its report folder, by path. Untrusted code wrote them, so only regular files are
 * read and no links are followed. Files over the limits on count, size and depth are left out.
 */
export async function readCollected(dir: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  let files = 0;
  let bytes = 0;
  const visit = async (at: string, depth: number): Promise<void> => {
    for (const entry of await readdir(join(dir, at), { withFileTypes: true }).catch(() => [])) {
      const path = at === "" ? entry.name : `${at}/${entry.name}`;
      if (entry.isDirectory() && depth < MAX_DEPTH) await visit(path, depth + 1);
      if (!entry.isFile() || files >= MAX_FILES) continue;
      const text = await readPlain(join(dir, path), Math.min(MAX_FILE_BYTES, MAX_BYTES - bytes));
      if (text === null) continue;
      files += 1;
      bytes += Buffer.byteLength(text);
      found[path] = text;
    }
  };
  await visit("", 0);
  return found;
}

async function readPlain(path: string, maxBytes: number): Promise<string | null> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(() => null);
  if (file === null) return null;
  try {
    const { size } = await file.stat();
    return size > maxBytes ? null : await file.readFile("utf8");
  } finally {
    await file.close();
  }
}
