import { messageOf, SelfhealError } from "../../domain/errors.ts";
import { migrate } from "./migrations.ts";
import { asStorageError, isDiskFault, openSqlite, type Sqlite } from "./sqlite.ts";

/** The embedded database: reads go straight to `sqlite`, every write goes through `write`. */
export interface EmbeddedDatabase {
  readonly sqlite: Sqlite;
  /**
   * Runs a synchronous job inside the next commit; resolves after that COMMIT is on disk. Jobs asked for in the same turn
   * of the event loop share one commit, each in a savepoint: a job that throws is undone and rejects its caller alone.
   * A fault of the disk undoes the whole commit and rejects every caller with SelfhealError `storage`.
   */
  write<T>(job: () => T): Promise<T>;
  /** Commits what is waiting and closes the file. */
  close(): void;
}

/** An EmbeddedDatabase that can be shut to writers before it is closed. */
export interface OpenedDatabase extends EmbeddedDatabase {
  /** Commits what is waiting, and refuses what comes later. */
  seal(): void;
}

interface WaitingJob {
  /** Runs the job and returns what tells its caller, to be called once the commit is on disk. */
  run(): () => void;
  fail(thrown: unknown): void;
}

/** Keeps one commit short enough for the event loop. */
const JOBS_PER_COMMIT = 500;

/** Opens (and migrates) the database file. Throws SelfhealError `storage`. */
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
            // SQLite may have undone everything already, so nobody's job may count as done.
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
