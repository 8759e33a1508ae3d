import Database from "better-sqlite3";
import { messageOf, SelfhealError } from "../../domain/errors.ts";

/** An open connection to one database file. */
export type Sqlite = Database.Database;

/**
 * Opens a database file so that what is committed survives a power loss. `synchronous` must be set: the bundled SQLite
 * was built with NORMAL for WAL, which may lose the last commits. Throws SelfhealError `storage`.
 */
export function openSqlite(file: string): Sqlite {
  try {
    const sqlite = new Database(file, { timeout: 5000 });
    // Takes effect in a new file only, and before anything else is written to it: retention gives freed pages back.
    sqlite.pragma("auto_vacuum = INCREMENTAL");
    sqlite.pragma("journal_mode = WAL");
    sqlite.pragma("synchronous = FULL");
    sqlite.pragma("foreign_keys = ON");
    return sqlite;
  } catch (cause) {
    throw new SelfhealError("storage", `cannot open ${file}: ${messageOf(cause)}`, { cause });
  }
}

/** Loads the native module and uses it once. Throws what it throws: it is built for one ABI of Node, and may be missing. */
export function tryNativeModule(): void {
  new Database(":memory:").close();
}

/** Opens a database file that is there, to look at it only; whoever writes to it is not disturbed. Throws SelfhealError `storage`. */
export function openForReading(file: string): Sqlite {
  try {
    return new Database(file, { timeout: 5000, readonly: true, fileMustExist: true });
  } catch (cause) {
    throw new SelfhealError("storage", `cannot read ${file}: ${messageOf(cause)}`, { cause });
  }
}

/** Whether the database itself failed (disk full, I/O error, locked, corrupt) rather than one statement's data. */
export function isDiskFault(thrown: unknown): boolean {
  return thrown instanceof Database.SqliteError && !thrown.code.startsWith("SQLITE_CONSTRAINT");
}

/** What callers see of a fault of SQLite: SelfhealError `storage`. Other errors stay as they are. */
export function asStorageError(thrown: unknown): unknown {
  if (!(thrown instanceof Database.SqliteError)) return thrown;
  return new SelfhealError("storage", `the database refused: ${thrown.message} (${thrown.code})`, { cause: thrown });
}
