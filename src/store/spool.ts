import { InvalidInputError } from "../domain/errors.ts";
import { CapturedEvent } from "../domain/event.ts";
import type { EventSpool } from "../domain/ports.ts";
import type { EmbeddedDatabase } from "./database.ts";
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
  const count = db.sqlite.prepare<[], number>("SELECT count(*) FROM events WHERE issue_id IS NULL").pluck();

  return {
    append: async (events) => {
      const rows = events.map(eventRow);
      await db.write(() => {
        for (const row of rows) insert.run(row);
      });
    },
    undigested: async (limit) =>
      oldest.all(limit).map((row) => readStored(CapturedEvent, row.payload, `event ${row.event_id}`)),
    depth: async () => count.get() ?? 0,
  };
}
