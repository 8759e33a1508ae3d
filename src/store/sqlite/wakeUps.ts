import type { WakeUp, WakeUpStore } from "../../domain/ports/wakeUpStore.ts";
import type { EmbeddedDatabase } from "./database.ts";

/** Creates the store of wake-up times, soonest first. */
export function createWakeUpStore(db: EmbeddedDatabase): WakeUpStore {
  const put = db.sqlite.prepare(`
    INSERT INTO wake_ups (ticket_id, kind, due_at) VALUES (?, ?, ?)
    ON CONFLICT (ticket_id, kind) DO UPDATE SET due_at = excluded.due_at`);
  const due = db.sqlite.prepare<[number], WakeUp>(`
    SELECT ticket_id AS ticketId, kind, due_at AS dueAt FROM wake_ups WHERE due_at <= ? ORDER BY due_at, ticket_id, kind`);
  const next = db.sqlite.prepare<[], number | null>("SELECT min(due_at) FROM wake_ups").pluck();
  const remove = db.sqlite.prepare("DELETE FROM wake_ups WHERE ticket_id = ? AND kind = ?");
  const later = db.sqlite.prepare("UPDATE wake_ups SET due_at = ? WHERE ticket_id = ? AND kind = ? AND due_at = ?");
  return {
    set: ({ ticketId, kind, dueAt }) => db.write(() => void put.run(ticketId, kind, dueAt)),
    due: async (now) => due.all(now),
    nextDueAt: async () => next.get() ?? null,
    postpone: (wakeUp, dueAt) => db.write(() => void later.run(dueAt, wakeUp.ticketId, wakeUp.kind, wakeUp.dueAt)),
    clear: (ticketId, kind) => db.write(() => void remove.run(ticketId, kind)),
  };
}
