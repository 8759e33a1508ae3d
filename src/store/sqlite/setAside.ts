import { messageOf } from "../../domain/errors.ts";
import { CapturedEvent } from "../../domain/event.ts";
import type { EventSpool, SetAsideEvent } from "../../domain/ports/eventSpool.ts";
import type { EmbeddedDatabase } from "./database.ts";
import { COUNT_EVENTS, type CountRow, dayOf } from "./ingestCounts.ts";
import { readStored } from "./storedJson.ts";

/** Number of attempts before an Event is set aside. */
const MAX_TRIES = 3;
const MAX_REASON = 500;

interface Row {
  project: string;
  eventId: string;
  payload: string;
}

/**
 * Creates the reading side of the spool. An Event that fails moves behind the others. After a few attempts it is set
 * aside: it stays stored, with the reason, until a person inspects it, and blocks no other Event.
 */
export function createSetAside(
  db: EmbeddedDatabase,
): Pick<EventSpool, "undigested" | "failed" | "setAside" | "retrySetAside"> {
  const sql = prepare(db);
  const putAside = (project: string, eventId: string, why: string): boolean => {
    const at = sql.setAside.get(why.slice(0, MAX_REASON), project, eventId);
    if (at === undefined) return false;
    sql.count.run({ day: dayOf(at), project, outcome: "setAside", reason: "undigestible", events: 1 });
    return true;
  };
  const undigested = async (limit: number): Promise<CapturedEvent[]> => {
    const rows = upTo(MAX_READ, sql.oldest.iterate(limit));
    const read = rows.map((row) => readRow(row));
    const bad = read.filter((one) => one.kind === "bad");
    if (bad.length === 0) return read.flatMap((one) => (one.kind === "good" ? one.event : []));
    // No later attempt can read these Events either.
    await db.write(() => {
      for (const { row, why } of bad) putAside(row.project, row.eventId, why);
    });
    return undigested(limit);
  };
  return {
    undigested,
    failed: (event, why) =>
      db.write(() => {
        const tries = sql.tried.get(event.project, event.id) ?? 0;
        return { setAside: tries >= MAX_TRIES && putAside(event.project, event.id, why) };
      }),
    setAside: async (limit) => sql.list.all(limit),
    retrySetAside: () => db.write(() => sql.again.run().changes),
  };
}

/** Characters of the rows that one read parses, because nothing else runs meanwhile. */
const MAX_READ = 1_000_000;

/** The first rows, at least one, until they are `max` characters long. */
function upTo(max: number, rows: Iterable<Row>): Row[] {
  const taken: Row[] = [];
  let size = 0;
  for (const row of rows) {
    taken.push(row);
    size += row.payload.length;
    if (size >= max) break;
  }
  return taken;
}

function readRow(row: Row): { kind: "good"; event: CapturedEvent } | { kind: "bad"; row: Row; why: string } {
  try {
    return { kind: "good", event: readStored(CapturedEvent, row.payload, `event ${row.eventId}`) };
  } catch (thrown) {
    return { kind: "bad", row, why: messageOf(thrown) };
  }
}

const WAITS = "issue_id IS NULL AND set_aside IS NULL";

function prepare({ sqlite }: EmbeddedDatabase) {
  return {
    oldest: sqlite.prepare<[number], Row>(`
      SELECT project, event_id AS eventId, payload FROM events WHERE ${WAITS} ORDER BY tries, sequence LIMIT ?`),
    tried: sqlite
      .prepare<[string, string], number>(
        `UPDATE events SET tries = tries + 1 WHERE project = ? AND event_id = ? AND ${WAITS} RETURNING tries`,
      )
      .pluck(),
    setAside: sqlite
      .prepare<[string, string, string], number>(
        `UPDATE events SET set_aside = ? WHERE project = ? AND event_id = ? AND ${WAITS} RETURNING received_at`,
      )
      .pluck(),
    list: sqlite.prepare<[number], SetAsideEvent>(`
      SELECT project, event_id AS eventId, received_at AS receivedAt, set_aside AS reason
      FROM events WHERE set_aside IS NOT NULL ORDER BY sequence DESC LIMIT ?`),
    again: sqlite.prepare("UPDATE events SET set_aside = NULL, tries = 0 WHERE set_aside IS NOT NULL"),
    count: sqlite.prepare<CountRow>(COUNT_EVENTS),
  };
}
