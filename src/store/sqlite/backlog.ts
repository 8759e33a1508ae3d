import type { Sqlite } from "./sqlite.ts";

/** The Events that wait to be digested: their number, and their size in bytes. */
export interface Backlog {
  rows: number;
  bytes: number;
}

/**
 * Keeps the backlog in a table in memory, and returns a function that reads it. Counting the rows would take
 * milliseconds exactly when the backlog is long and every request asks. Triggers keep the table correct through every
 * rollback.
 */
export function countBacklog(sqlite: Sqlite): () => Backlog {
  const waits = (row: string) => `(${row}.issue_id IS NULL AND ${row}.set_aside IS NULL)`;
  const add = (row: string, sign: "+" | "-") =>
    `UPDATE waiting SET n = n ${sign} 1, bytes = bytes ${sign} coalesce(octet_length(${row}.payload), 0);`;
  sqlite.pragma("temp_store = MEMORY");
  sqlite.exec(`
    CREATE TEMP TABLE IF NOT EXISTS waiting (n INTEGER NOT NULL, bytes INTEGER NOT NULL);
    DELETE FROM temp.waiting;
    INSERT INTO temp.waiting SELECT count(*), coalesce(sum(octet_length(payload)), 0) FROM main.events AS e WHERE ${waits("e")};
    CREATE TEMP TRIGGER IF NOT EXISTS waiting_inserted AFTER INSERT ON main.events WHEN ${waits("NEW")}
      BEGIN ${add("NEW", "+")} END;
    CREATE TEMP TRIGGER IF NOT EXISTS waiting_less AFTER UPDATE OF issue_id, set_aside ON main.events
      WHEN ${waits("OLD")} AND NOT ${waits("NEW")}
      BEGIN ${add("OLD", "-")} END;
    CREATE TEMP TRIGGER IF NOT EXISTS waiting_again AFTER UPDATE OF issue_id, set_aside ON main.events
      WHEN NOT ${waits("OLD")} AND ${waits("NEW")}
      BEGIN ${add("NEW", "+")} END;
    CREATE TEMP TRIGGER IF NOT EXISTS waiting_deleted AFTER DELETE ON main.events WHEN ${waits("OLD")}
      BEGIN ${add("OLD", "-")} END;`);
  const read = sqlite.prepare<[], Backlog>("SELECT n AS rows, bytes FROM temp.waiting");
  return () => read.get() ?? { rows: 0, bytes: 0 };
}
