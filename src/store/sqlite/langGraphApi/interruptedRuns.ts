import type { Run, Store } from "@langchain/langgraph-api/storage";
import type { EmbeddedDatabase } from "../database.ts";

/** A run that a process left unfinished, with the input or command of its request. */
export interface InterruptedRun {
  runId: string;
  threadId: string;
  input: unknown;
  command: unknown;
}

/**
 * Ends the runs that are "running" at the start, because no process executes them any more, and returns the runs to
 * continue. A run is returned at every start until its thread has a newer run, so a crash before it continues loses
 * nothing.
 */
export function endLeftRuns(db: EmbeddedDatabase, data: Store): InterruptedRun[] {
  const running = Object.values(data.runs).filter((run) => run.status === "running");
  remember(db, running);
  for (const run of running) {
    run.status = "error";
    const thread = data.threads[run.thread_id];
    if (thread?.status === "busy") thread.status = "error";
  }
  return stillLeft(db)
    .flatMap((runId) => data.runs[runId] ?? [])
    .map((run) => ({
      runId: run.run_id,
      threadId: run.thread_id,
      input: run.kwargs.input,
      command: run.kwargs.command,
    }));
}

/** Threads whose status is "busy" and that have no pending run. Call it only while nothing is running. */
export function unsettledThreads(data: Store): string[] {
  const waiting = new Set(Object.values(data.runs).flatMap((run) => (run.status === "pending" ? run.thread_id : [])));
  const busy = Object.values(data.threads).filter(({ status }) => status === "busy");
  return busy.map(({ thread_id }) => thread_id).filter((id) => !waiting.has(id));
}

/**
 * Stores the runs before their status changes. If a crash interrupts one of the two steps, the next start still finds
 * them.
 */
function remember({ sqlite }: EmbeddedDatabase, running: readonly Run[]): void {
  const insert = sqlite.prepare(`
    INSERT INTO api_left_runs (run_id, newest_row) SELECT ?, coalesce(max(rowid), 0) FROM api_entries
    WHERE true ON CONFLICT (run_id) DO UPDATE SET newest_row = excluded.newest_row`);
  const forget = sqlite.prepare(`
    DELETE FROM api_left_runs WHERE EXISTS (
      SELECT 1 FROM api_entries AS newer, api_entries AS old
      WHERE old.kind = 'runs' AND old.key = api_left_runs.run_id
        AND newer.kind = 'runs' AND newer.rowid > api_left_runs.newest_row
        AND newer.json ->> '$.thread_id' = old.json ->> '$.thread_id')`);
  sqlite
    .transaction(() => {
      forget.run();
      for (const run of running) insert.run(run.run_id);
    })
    .immediate();
}

function stillLeft({ sqlite }: EmbeddedDatabase): string[] {
  return sqlite.prepare<[], string>("SELECT run_id FROM api_left_runs ORDER BY rowid").pluck().all();
}
