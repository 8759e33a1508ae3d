import { join } from "node:path";
import Database from "better-sqlite3";
import { SelfhealError } from "../../domain/errors.ts";

/**
 * Locks a data folder for this process until `release`, because the ticket book must have one writer. It is a lock of
 * the operating system (through SQLite), so it ends with the process, however the process ends. Throws SelfhealError
 * `dataFolderInUse`.
 */
export function lockDataFolder(dir: string): { release(): void } {
  const lock = new Database(join(dir, "lock"), { timeout: 0 });
  try {
    lock.exec("BEGIN EXCLUSIVE");
  } catch (cause) {
    lock.close();
    throw new SelfhealError(
      "dataFolderInUse",
      `another selfheal is running on ${dir}: stop it, or give another dataDir`,
      {
        cause,
      },
    );
  }
  return { release: () => void lock.close() };
}
