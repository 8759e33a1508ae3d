import { readdir, stat, statfs } from "node:fs/promises";
import { join } from "node:path";

/** What a command may newly write to the disk. */
export interface DiskLimits {
  /** Bytes in all. */
  diskBytes: number;
  /** New files and folders. */
  diskFiles: number;
}

/** How often the free space is asked for, milliseconds. */
const INTERVAL_MS = 200;

/**
 * Watches what a command writes into the folders that outlive it. The free space of their file system is asked for
 * often, which costs nothing; only when it shrinks by half of the limit is the folder itself measured, so that the
 * writes of others do not count. Calls `onTooMuch` once.
 */
export function watchDisk(folders: readonly string[], limits: DiskLimits, onTooMuch: () => void): { stop(): void } {
  const startedAt = Date.now();
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  const before = Promise.all(folders.map((folder) => statfs(folder).catch(() => null)));
  const look = async () => {
    for (const [i, folder] of folders.entries()) {
      const [was, now] = [(await before)[i], await statfs(folder).catch(() => null)];
      if (was == null || now === null || stopped) continue;
      const bytes = (was.bavail - now.bavail) * now.bsize;
      const files = was.ffree - now.ffree;
      if (bytes < limits.diskBytes / 2 && files < limits.diskFiles / 2) continue;
      // Whoever writes so much more than allowed at the same time is no longer told apart.
      const tooMuch = bytes > 2 * limits.diskBytes || (await hasWritten(folder, startedAt, limits));
      if (!tooMuch || stopped) continue;
      stopped = true;
      onTooMuch();
      return;
    }
    if (!stopped) timer = setTimeout(look, INTERVAL_MS);
  };
  timer = setTimeout(look, INTERVAL_MS);
  return {
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}

/** Whether the files that are new or changed since a time exceed the limits. */
async function hasWritten(folder: string, since: number, { diskBytes, diskFiles }: DiskLimits): Promise<boolean> {
  let bytes = 0;
  let files = 0;
  const open = [folder];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    for (const entry of await readdir(at, { withFileTypes: true }).catch(() => [])) {
      const path = join(at, entry.name);
      if (entry.isDirectory()) open.push(path);
      if (!entry.isDirectory() && !entry.isFile()) continue;
      const seen = await stat(path).catch(() => null);
      if (seen === null) continue;
      if (seen.birthtimeMs >= since) files += 1;
      if (entry.isFile() && (seen.birthtimeMs >= since || seen.mtimeMs >= since)) bytes += seen.blocks * 512;
      if (bytes > diskBytes || files > diskFiles) return true;
    }
  }
  return false;
}
