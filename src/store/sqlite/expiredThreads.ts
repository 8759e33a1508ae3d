import type { Store } from "@langchain/langgraph-api/storage";
import type { EmbeddedDatabase } from "./database.ts";
import type { ApiPersistence } from "./langGraphApi/persistence.ts";
import { asStorageError, type Sqlite } from "./sqlite.ts";

/** Checkpoints that a live thread keeps. Studio shows them as its history; a resume needs only the newest. */
const KEPT_CHECKPOINTS = 100;
/** Runs that a live thread keeps. */
const KEPT_RUNS = 50;
/**
 * Checkpoints, or runs, that one call prunes. A waiting thread runs again every second, so a long thread is pruned in
 * pieces.
 */
const PIECE = 200;

/** Finds and removes old threads. With `remove: false` they are only counted. */
export interface OldThreads {
  /** All threads that have a checkpoint or an entry in the API's store. */
  ids(): string[];
  /** The time of the thread's last activity, milliseconds since the epoch; null if it is unknown. */
  lastActive(threadId: string): number | null;
  /**
   * Removes threads, except those with a run under way or pending. Returns the ids that were removed, or would be.
   * Checkpoints are removed first: after a crash in between, the remaining entry is found again.
   */
  drop(threadIds: readonly string[], remove: boolean): Promise<string[]>;
  /**
   * Counts the checkpoints and runs beyond those that a live thread keeps. With `remove`, removes some of them and
   * returns how many.
   */
  prune(threadId: string, remove: boolean): Promise<number>;
}

/** Creates the access to the threads of the checkpointer and of the LangGraph API. Neither knows about the other. */
export function createOldThreads(db: EmbeddedDatabase, checkpoints: Sqlite, api: ApiPersistence): OldThreads {
  const sql = () => prepare(checkpoints);
  const entry = (id: string) => api.data.threads[id];
  return {
    ids: () => [...new Set([...(sql()?.ids.all() ?? []), ...Object.keys(api.data.threads)])],
    lastActive: (id) => {
      const at = entry(id)?.updated_at ?? sql()?.newestAt.get(id);
      return at === undefined || at === null ? null : new Date(at).getTime();
    },
    drop: async (threadIds, remove) => {
      const busy = new Set(Object.values(api.data.runs).flatMap((run) => (isOver(run) ? [] : run.thread_id)));
      const ids = threadIds.filter((id) => !busy.has(id) && entry(id)?.status !== "busy");
      if (!remove || ids.length === 0) return ids;
      const prepared = sql();
      if (prepared !== null) {
        inOne(checkpoints, () => {
          for (const id of ids) prepared.drop(id);
        });
      }
      // No turn of the event loop has passed since the threads were seen idle.
      await api.with((data) => {
        const gone = new Set(ids);
        for (const run of Object.values(data.runs)) if (gone.has(run.thread_id)) dropRun(data, run.run_id);
        for (const id of ids) delete data.threads[id];
      });
      await db.write(() => forgetLeftRuns(db));
      return ids;
    },
    prune: async (id, remove) => {
      const prepared = sql();
      const old = prepared?.beyond.all(id, KEPT_CHECKPOINTS) ?? [];
      const runs = runsOf(api.data, id)
        .filter(isOver)
        .sort((a, b) => b.created_at.getTime() - a.created_at.getTime())
        .slice(KEPT_RUNS);
      if (!remove) return old.length + runs.length;
      const [rows, entries] = [old.slice(0, PIECE), runs.slice(0, PIECE)];
      if (rows.length > 0) {
        inOne(checkpoints, () => {
          for (const row of rows) prepared?.dropOne(id, row);
        });
      }
      if (entries.length > 0) {
        await api.with((data) => {
          for (const run of entries) dropRun(data, run.run_id);
        });
      }
      return rows.length + entries.length;
    },
  };
}

type StoredRun = Store["runs"][string];

function runsOf(data: Store, threadId: string): StoredRun[] {
  return Object.values(data.runs).filter((run) => run.thread_id === threadId);
}

function isOver({ status }: StoredRun): boolean {
  return status !== "pending" && status !== "running";
}

function dropRun(data: Store, runId: string): void {
  delete data.runs[runId];
  delete data.retry_counter[runId];
}

function forgetLeftRuns({ sqlite }: EmbeddedDatabase): void {
  sqlite.exec(
    "DELETE FROM api_left_runs WHERE NOT EXISTS (SELECT 1 FROM api_entries WHERE kind = 'runs' AND key = run_id)",
  );
}

function inOne(checkpoints: Sqlite, job: () => void): void {
  try {
    checkpoints.transaction(job).immediate();
  } catch (thrown) {
    throw asStorageError(thrown);
  }
}

interface OldCheckpoint {
  ns: string;
  id: string;
}

/** Statements for the schema of SqliteSaver 1.0.4. It creates its tables at the first use; null before that. */
function prepare(db: Sqlite) {
  const there = db.prepare("SELECT count(*) FROM sqlite_master WHERE name IN ('checkpoints', 'writes')").pluck().get();
  if (there !== 2) return null;
  const checkpoints = db.prepare("DELETE FROM checkpoints WHERE thread_id = ?");
  const writes = db.prepare("DELETE FROM writes WHERE thread_id = ?");
  const checkpoint = db.prepare(
    "DELETE FROM checkpoints WHERE thread_id = ? AND checkpoint_ns = ? AND checkpoint_id = ?",
  );
  const writesOf = db.prepare("DELETE FROM writes WHERE thread_id = ? AND checkpoint_ns = ? AND checkpoint_id = ?");
  return {
    // Jumps from one thread to the next. A plain DISTINCT reads the key of every checkpoint.
    ids: db
      .prepare<[], string>(`
        WITH RECURSIVE thread (id) AS (
          SELECT min(thread_id) FROM checkpoints
          UNION ALL SELECT (SELECT min(thread_id) FROM checkpoints WHERE thread_id > id) FROM thread WHERE id IS NOT NULL
        ) SELECT id FROM thread WHERE id IS NOT NULL`)
      .pluck(),
    newestAt: db
      .prepare<[string], string | null>(`
        SELECT json_extract(CAST(checkpoint AS TEXT), '$.ts') FROM checkpoints
        WHERE thread_id = ? AND type = 'json' ORDER BY checkpoint_id DESC LIMIT 1`)
      .pluck(),
    /** Checkpoint ids increase with time, so the newest of each namespace come first. */
    beyond: db.prepare<[string, number], OldCheckpoint>(`
      SELECT ns, id FROM (
        SELECT checkpoint_ns AS ns, checkpoint_id AS id,
          row_number() OVER (PARTITION BY checkpoint_ns ORDER BY checkpoint_id DESC) AS place
        FROM checkpoints WHERE thread_id = ?
      ) WHERE place > ? ORDER BY ns, id`),
    drop: (threadId: string) => {
      writes.run(threadId);
      checkpoints.run(threadId);
    },
    dropOne: (threadId: string, { ns, id }: OldCheckpoint) => {
      writesOf.run(threadId, ns, id);
      checkpoint.run(threadId, ns, id);
    },
  };
}
