import { InvalidInputError } from "../../domain/errors.ts";
import { CapturedEvent } from "../../domain/event.ts";
import type { AppendResult, EventSpool, SignedDelivery } from "../../domain/ports/eventSpool.ts";
import { countBacklog } from "./backlog.ts";
import type { EmbeddedDatabase } from "./database.ts";
import { COUNT_EVENTS, type CountRow, dayOf } from "./ingestCounts.ts";
import { createSetAside } from "./setAside.ts";

/** An EventSpool that reports its depth. */
export interface EmbeddedSpool extends EventSpool {
  /** Number of Events that wait to be digested. */
  depth(): Promise<number>;
}

/** How long a delivery id is kept, milliseconds. After that its signature is too old anyway. */
const DELIVERY_MS = 3_600_000;

/** Columns of a row of `events` that come from the Event. */
export interface EventRow {
  project: string;
  eventId: string;
  receivedAt: number;
  release: string | null;
  payload: string;
}

/** Validates an Event and creates its row. Throws InvalidInputError `invalidEvent`, before any transaction starts. */
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

/** SQL that stores one EventRow. An Event that exists already stays unchanged. */
export const INSERT_EVENT = `
  INSERT INTO events (project, event_id, received_at, release, payload)
  VALUES (@project, @eventId, @receivedAt, @release, @payload)
  ON CONFLICT (project, event_id) DO NOTHING`;

/** Creates the spool of accepted Events. Concurrent appends share one commit. */
export function createEventSpool(db: EmbeddedDatabase): EmbeddedSpool {
  const { sqlite } = db;
  const insert = sqlite.prepare<EventRow>(INSERT_EVENT);
  const count = sqlite.prepare<CountRow>(COUNT_EVENTS);
  const deliver = sqlite.prepare("INSERT INTO deliveries (key_id, id, at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING");
  const forget = sqlite.prepare("DELETE FROM deliveries WHERE at < ?");
  const waiting = countBacklog(sqlite);
  const { undigested, failed, setAside, retrySetAside } = createSetAside(db);

  const isFirst = ({ keyId, id, at }: SignedDelivery): boolean => {
    forget.run(at - DELIVERY_MS);
    return deliver.run(keyId, id, at).changes === 1;
  };
  /** Stores rows and counts them in the same commit, so that the two never disagree. */
  const store = (rows: readonly EventRow[]): AppendResult => {
    let stored = 0;
    for (const row of rows) {
      const isNew = insert.run(row).changes === 1;
      if (isNew) stored++;
      const outcome = isNew ? "received" : "repeated";
      count.run({ day: dayOf(row.receivedAt), project: row.project, outcome, reason: "", events: 1 });
    }
    return { kind: "stored", stored, repeated: rows.length - stored };
  };

  return {
    append: async (events, delivery) => {
      const rows = events.map(eventRow);
      return db.write(() =>
        delivery === undefined || isFirst(delivery) ? store(rows) : { kind: "repeatedDelivery" as const },
      );
    },
    undigested,
    failed,
    setAside,
    retrySetAside,
    waiting: async () => waiting(),
    depth: async () => waiting().rows,
  };
}
