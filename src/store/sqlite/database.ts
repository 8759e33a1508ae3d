import { messageOf, SelfhealError } from "../../domain/errors.ts";
import { migrate } from "./migrations.ts";
import { asStorageError, isDiskFault, openSqlite, type Sqlite } from "./sqlite.ts";

/** The embedded database. Reads use `sqlite` directly; every write uses `write`. */
export interface EmbeddedDatabase {
  readonly sqlite: Sqlite;
  /**
   * Runs a synchronous job inside the next commit, and resolves after that COMMIT is on disk. Jobs of the same turn of
   * the event loop share one commit, each in a savepoint. A job that throws is rolled back and rejects only its own
   * caller. A disk fault rolls back the whole commit and rejects every caller with SelfhealError `storage`.
   *
   * @example
   * const removed = await db.write(() => remove.run(id).changes);
   */
  write<T>(job: () => T): Promise<T>;
  /** Commits the waiting jobs and closes the file. */
  close(): void;
}

/** An EmbeddedDatabase that can refuse writes before it is closed. */
export interface OpenedDatabase extends EmbeddedDatabase {
  /** Commits the waiting jobs and refuses later ones. */
  seal(): void;
}

interface WaitingJob {
  /** Runs the job and returns what tells its caller, to be called once the commit is on disk. */
  run(): () => void;
  fail(thrown: unknown): void;
}

/** Limits the duration of one commit, because a commit blocks the event loop. */
const JOBS_PER_COMMIT = 500;

/** Opens the database file and migrates its schema. Throws SelfhealError `storage`. */
export function openDatabase(file: string): OpenedDatabase {
  const sqlite = openSqlite(file);
  try {
    migrate(sqlite);
  } catch (thrown) {
    sqlite.close();
    throw asStorageError(thrown);
  }
  const waiting: WaitingJob[] = [];
  let scheduled = false;
  let sealed = false;

  const commitNext = (): void => {
    const group = waiting.splice(0, JOBS_PER_COMMIT);
    if (group.length > 0) commitTogether(sqlite, group);
  };
  const onTurn = (): void => {
    scheduled = false;
    commitNext();
    schedule();
  };
  const schedule = (): void => {
    if (scheduled || waiting.length === 0) return;
    scheduled = true;
    setImmediate(onTurn);
  };

  const seal = (): void => {
    sealed = true;
    while (waiting.length > 0) commitNext();
  };

  return {
    sqlite,
    write: <T>(job: () => T) =>
      new Promise<T>((resolve, reject) => {
        if (sealed) return reject(new SelfhealError("storage", `${file} is closed`));
        waiting.push({
          run: () => {
            const value = job();
            return () => resolve(value);
          },
          fail: (thrown) => reject(asStorageError(thrown)),
        });
        schedule();
      }),
    seal,
    close: () => {
      seal();
      sqlite.close();
    },
  };
}

function commitTogether(sqlite: Sqlite, group: readonly WaitingJob[]): void {
  // A transaction inside a transaction is a savepoint.
  const apart = sqlite.transaction((job: WaitingJob) => job.run());
  let tell: (() => void)[];
  try {
    tell = sqlite
      .transaction(() =>
        group.map((job) => {
          try {
            return apart(job);
          } catch (thrown) {
            // SQLite may have rolled back everything already, so no job may count as done.
            if (isDiskFault(thrown) || !sqlite.inTransaction) throw thrown;
            return () => job.fail(thrown);
          }
        }),
      )
      .immediate();
  } catch (cause) {
    const fault = new SelfhealError("storage", `cannot write ${sqlite.name}: ${messageOf(cause)}`, { cause });
    for (const job of group) job.fail(fault);
    return;
  }
  for (const told of tell) told();
}
