import { uuidFrom } from "../../domain/ids.ts";
import { Delivery, Notification, QUESTIONS } from "../../domain/notification.ts";
import type { Clock } from "../../domain/ports/clock.ts";
import type { Outbox } from "../../domain/ports/outbox.ts";
import type { EmbeddedDatabase } from "./database.ts";
import { readStored } from "./storedJson.ts";

interface Row {
  json: string;
  channel: string;
  state: string;
  attempts: number;
  dueAt: number | null;
  createdAt: number;
  error: string | null;
}

/** Key prefix of summaries, which replace other messages. A summary is never summarised itself. */
const SUMMARY = "summary ";

/**
 * Creates the outbox of notifications: one row per message and channel. The row stays, so that a key is sent only once.
 */
export function createOutbox(db: EmbeddedDatabase, clock: Clock): Outbox {
  const sql = prepare(db);
  const add = (message: Notification, channel: string) => {
    const now = clock.now();
    sql.add.run(message.key, channel, JSON.stringify(Notification.parse(message)), now, now);
  };

  const summarize = (channel: string, summary: Parameters<Outbox["summarize"]>[1]): Delivery | null => {
    const now = clock.now();
    const found = sql.dueKeys.all(channel, now);
    const [first] = found;
    if (first === undefined) return null;
    for (const { key } of found) sql.settle.run("summedUp", null, null, key, channel);
    const key = `${SUMMARY}${uuidFrom("summary", channel, first.key)}`;
    const questions = found.filter(({ kind }) => QUESTIONS.some((question) => question === kind)).length;
    add({ ...summary(found.length, questions), key }, channel);
    return deliveryOf(sql.get.get(key, channel));
  };

  return {
    add: async (message, channels) => {
      if (channels.length === 0) return;
      await db.write(() => {
        for (const channel of channels) add(message, channel);
      });
    },
    channelsDue: async () => sql.channelsDue.all(clock.now()),
    due: async (channel, limit) => sql.due.all(channel, clock.now(), limit).map(deliveryOf),
    intend: (key, channel, againAt) => db.write(() => void sql.intend.run(againAt, key, channel)),
    settle: (key, channel, state, error) =>
      db.write(() => {
        if (state === "waiting") sql.failed.run(error ?? null, key, channel);
        else sql.settle.run(state, state === "sent" ? clock.now() : null, error ?? null, key, channel);
      }),
    requeueInterrupted: () => db.write(() => void sql.requeueInterrupted.run(clock.now())),
    hold: (channel, until) => db.write(() => void sql.hold.run(until, channel, clock.now())),
    summarize: (channel, summary) => db.write(() => summarize(channel, summary)),
    sentSince: async (channel, sinceMs) => sql.sentSince.get(channel, sinceMs) ?? { count: 0, firstAt: null },
    counts: async () => sql.counts.get() ?? { waiting: 0, givenUp: 0 },
  };
}

function deliveryOf(row: Row | undefined): Delivery {
  const message = readStored(Notification, row?.json ?? "", "a message of the outbox");
  return Delivery.parse({ ...row, message });
}

function prepare({ sqlite }: EmbeddedDatabase) {
  const COLUMNS = "json, channel, state, attempts, due_at AS dueAt, created_at AS createdAt, error";
  const kinds = QUESTIONS.map((kind) => `'${kind}'`).join(", ");
  return {
    add: sqlite.prepare(`
      INSERT INTO outbox (key, channel, json, state, due_at, created_at) VALUES (?, ?, ?, 'waiting', ?, ?)
      ON CONFLICT (key, channel) DO NOTHING`),
    get: sqlite.prepare<[string, string], Row>(`SELECT ${COLUMNS} FROM outbox WHERE key = ? AND channel = ?`),
    channelsDue: sqlite
      .prepare<[number], string>("SELECT DISTINCT channel FROM outbox WHERE due_at <= ? ORDER BY channel")
      .pluck(),
    due: sqlite.prepare<[string, number, number], Row>(`
      SELECT ${COLUMNS} FROM outbox WHERE channel = ? AND due_at <= ?
      ORDER BY attempts, json ->> '$.kind' NOT IN (${kinds}), created_at, rowid LIMIT ?`),
    dueKeys: sqlite.prepare<[string, number], { key: string; kind: string }>(`
      SELECT key, json ->> '$.kind' AS kind FROM outbox
      WHERE channel = ? AND due_at <= ? AND key NOT LIKE '${SUMMARY}%' ORDER BY created_at, rowid`),
    intend: sqlite.prepare(`
      UPDATE outbox SET state = 'sending', attempts = attempts + 1, due_at = ?
      WHERE key = ? AND channel = ? AND due_at IS NOT NULL`),
    failed: sqlite.prepare(`
      UPDATE outbox SET state = 'waiting', error = ? WHERE key = ? AND channel = ? AND due_at IS NOT NULL`),
    settle: sqlite.prepare(
      "UPDATE outbox SET state = ?, sent_at = ?, error = ?, due_at = NULL WHERE key = ? AND channel = ?",
    ),
    requeueInterrupted: sqlite.prepare("UPDATE outbox SET due_at = ? WHERE state = 'sending' AND due_at IS NOT NULL"),
    hold: sqlite.prepare("UPDATE outbox SET due_at = ? WHERE channel = ? AND due_at <= ?"),
    sentSince: sqlite.prepare<[string, number], { count: number; firstAt: number | null }>(
      "SELECT count(*) AS count, min(sent_at) AS firstAt FROM outbox WHERE channel = ? AND sent_at >= ?",
    ),
    counts: sqlite.prepare<[], { waiting: number; givenUp: number }>(`
      SELECT count(due_at) AS waiting, count(*) FILTER (WHERE state = 'givenUp') AS givenUp FROM outbox`),
  };
}
