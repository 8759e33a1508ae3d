import Database from "better-sqlite3";
import { messageOf, SelfhealError } from "../../domain/errors.ts";

/** An open connection to one database file. */
export type Sqlite = Database.Database;

/**
 * Opens a database file so that commits survive a power loss. `synchronous` must be set, because the bundled SQLite was
 * built with NORMAL for WAL, which may lose the last commits. Throws SelfhealError `storage`.
 */
export function openSqlite(file: string): Sqlite {
  try {
    const sqlite = new Database(file, { timeout: 5000 });
    // Applies only to a new file, before anything else is written to it. Retention needs it to return freed pages.
    sqlite.pragma("auto_vacuum = INCREMENTAL");
    sqlite.pragma("journal_mode = WAL");
    sqlite.pragma("synchronous = FULL");
    sqlite.pragma("foreign_keys = ON");
    return sqlite;
  } catch (cause) {
    throw new SelfhealError("storage", `cannot open ${file}: ${messageOf(cause)}`, { cause });
  }
}

/**
 * Loads the native module and uses it once. Rethrows its errors: the module is built for one ABI of Node, and may be
 * missing.
 */
export function tryNativeModule(): void {
  new Database(":memory:").close();
}

/**
 * Opens an existing database file read-only. A process that writes to the file is not disturbed. Throws SelfhealError
 * `storage`.
 */
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

/** Converts an SQLite error to SelfhealError `storage`. Other errors are returned unchanged. */
export function asStorageError(thrown: unknown): unknown {
  if (!(thrown instanceof Database.SqliteError)) return thrown;
  return new SelfhealError("storage", `the database refused: ${thrown.message} (${thrown.code})`, { cause: thrown });
}
