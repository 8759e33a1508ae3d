import { InvalidInputError } from "../domain/errors.ts";
import { CapturedEvent } from "../domain/event.ts";
import type { EventSpool } from "../domain/ports.ts";
import type { EmbeddedDatabase } from "./database.ts";
import type { Sqlite } from "./sqlite.ts";
import { readStored } from "./storedJson.ts";

export interface EmbeddedSpool extends EventSpool {
  /** How many Events wait to be digested: the measure for back-pressure. */
  depth(): Promise<number>;
}

/** Columns of a row of `events` that come from the Event. */
export interface EventRow {
  project: string;
  eventId: string;
  receivedAt: number;
  release: string | null;
  payload: string;
}

/** Checks an Event and makes its row. Throws InvalidInputError `invalidEvent`, before any transaction is touched. */
export function eventRow(event: CapturedEvent): EventRow {
  const parsed = CapturedEvent.safeParse(event);
  if (!parsed.success) {
    throw new InvalidInputError(
      "invalidEvent",
      parsed.error.issues.map((i) => ({ path: i.path.join("."), message: i.message })),
    );
  }
  const { project, id, receivedAt, release } = parsed.data;
  return { project, eventId: id, receivedAt, release: release ?? null, payload: JSON.stringify(parsed.data) };
}

/** SQL that spools one EventRow; an Event that is there already stays as it is. */
export const INSERT_EVENT = `
  INSERT INTO events (project, event_id, received_at, release, payload)
  VALUES (@project, @eventId, @receivedAt, @release, @payload)
  ON CONFLICT (project, event_id) DO NOTHING`;

/** The spool of accepted Events. Concurrent appends share one commit. */
export function createEventSpool(db: EmbeddedDatabase): EmbeddedSpool {
  const insert = db.sqlite.prepare<EventRow>(INSERT_EVENT);
  const oldest = db.sqlite.prepare<[number], { payload: string; event_id: string }>(
    "SELECT payload, event_id FROM events WHERE issue_id IS NULL ORDER BY sequence LIMIT ?",
  );
  countUndigested(db.sqlite);
  const depth = db.sqlite.prepare<[], number>("SELECT n FROM temp.undigested").pluck();

  return {
    append: async (events) => {
      const rows = events.map(eventRow);
      await db.write(() => {
        for (const row of rows) insert.run(row);
      });
    },
    undigested: async (limit) =>
      oldest.all(limit).map((row) => readStored(CapturedEvent, row.payload, `event ${row.event_id}`)),
    depth: async () => depth.get() ?? 0,
  };
}

/**
 * Keeps the number of undigested Events in a table in memory: counting them takes milliseconds exactly when the backlog is
 * long and every request asks. Triggers, so that it is right through every rollback.
 */
function countUndigested(sqlite: Sqlite): void {
  sqlite.pragma("temp_store = MEMORY");
  sqlite.exec(`
    CREATE TEMP TABLE IF NOT EXISTS undigested (n INTEGER NOT NULL);
    DELETE FROM temp.undigested;
    INSERT INTO temp.undigested SELECT count(*) FROM main.events WHERE issue_id IS NULL;
    CREATE TEMP TRIGGER IF NOT EXISTS undigested_more AFTER INSERT ON main.events WHEN NEW.issue_id IS NULL
      BEGIN UPDATE undigested SET n = n + 1; END;
    CREATE TEMP TRIGGER IF NOT EXISTS undigested_less AFTER UPDATE OF issue_id ON main.events
      WHEN OLD.issue_id IS NULL AND NEW.issue_id IS NOT NULL
      BEGIN UPDATE undigested SET n = n - 1; END;`);
}
