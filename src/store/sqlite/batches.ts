import { SelfhealError } from "../../domain/errors.ts";
import { Batch } from "../../domain/issue.ts";
import type { BatchStore } from "../../domain/ports/batchStore.ts";
import type { EmbeddedDatabase } from "./database.ts";
import { readStored } from "./storedJson.ts";

/**
 * Creates the store of closed Batches. The debounce store creates the rows, in the transaction that closes a window.
 * `markStarted` throws SelfhealError `batchNotFound`.
 */
export function createBatchStore(db: EmbeddedDatabase): BatchStore {
  const rows = batchRows(db);
  const unstarted = db.sqlite
    .prepare<[], string>("SELECT json FROM batches WHERE state = 'closed' ORDER BY closed_at, id")
    .pluck();
  return {
    get: async (id) => rows.get(id),
    unstarted: async () => unstarted.all().map((json) => readStored(Batch, json, "a batch")),
    markStarted: (id) =>
      db.write(() => {
        const batch = rows.get(id);
        if (batch === null) throw new SelfhealError("batchNotFound", `there is no batch ${id}`);
        rows.put({ ...batch, state: "started" });
      }),
  };
}

/** Reads and writes rows of `batches`. Call `put` only inside a write. */
export function batchRows({ sqlite }: EmbeddedDatabase): { get(id: string): Batch | null; put(batch: Batch): void } {
  const get = sqlite.prepare<[string], string>("SELECT json FROM batches WHERE id = ?").pluck();
  const put = sqlite.prepare(
    "INSERT INTO batches (id, json) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET json = excluded.json",
  );
  return {
    get: (id) => {
      const json = get.get(id);
      return json === undefined ? null : readStored(Batch, json, `batch ${id}`);
    },
    put: (batch) => void put.run(batch.id, JSON.stringify(batch)),
  };
}
