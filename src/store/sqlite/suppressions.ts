import type { SuppressionStore } from "../../domain/ports/suppressionStore.ts";
import { endOf, Suppression } from "../../domain/suppression.ts";
import type { EmbeddedDatabase } from "./database.ts";
import { readStored } from "./storedJson.ts";

/**
 * Creates the store of suppressions. A row stays after its suppression ended, because that time decides what the
 * Issue's next Event means.
 */
export function createSuppressionStore(db: EmbeddedDatabase): SuppressionStore {
  const sql = prepare(db);
  const read = (json: string) => readStored(Suppression, json, "a suppression");
  const get = (id: string): Suppression | null => {
    const json = sql.get.get(id);
    return json === undefined ? null : read(json);
  };
  const save = (suppression: Suppression): Suppression => {
    sql.put.run(suppression.id, JSON.stringify(suppression));
    return suppression;
  };
  const lift = (id: string, now: number): Suppression | null => {
    const suppression = get(id);
    if (suppression === null || endOf(suppression) <= now) return suppression;
    return save({ ...suppression, liftedAt: now });
  };
  const ofIssue = (issueId: string) => sql.ofIssue.all(issueId).map(read);
  return {
    add: (suppression) => db.write(() => get(suppression.id) ?? save(Suppression.parse(suppression))),
    active: async (issueId, now) =>
      ofIssue(issueId)
        .filter((one) => now < endOf(one))
        .sort((a, b) => b.expiresAt - a.expiresAt)[0] ?? null,
    endedAt: async (issueId, now) => {
      const ends = ofIssue(issueId)
        .map(endOf)
        .filter((end) => end <= now);
      return ends.length === 0 ? null : Math.max(...ends);
    },
    lift: (id, now) => db.write(() => lift(id, now)),
    list: async (now) =>
      sql.unexpired
        .all(now)
        .map(read)
        .filter((one) => now < endOf(one)),
  };
}

function prepare({ sqlite }: EmbeddedDatabase) {
  return {
    get: sqlite.prepare<[string], string>("SELECT json FROM suppressions WHERE id = ?").pluck(),
    put: sqlite.prepare(
      "INSERT INTO suppressions (id, json) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET json = excluded.json",
    ),
    ofIssue: sqlite.prepare<[string], string>("SELECT json FROM suppressions WHERE issue_id = ?").pluck(),
    unexpired: sqlite
      .prepare<[number], string>("SELECT json FROM suppressions WHERE expires_at > ? ORDER BY expires_at, id")
      .pluck(),
  };
}
