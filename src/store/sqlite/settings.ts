import type { Settings } from "../../domain/ports/settings.ts";
import type { EmbeddedDatabase } from "./database.ts";

/** Creates the store of small durable settings by key. */
export function createSettings(db: EmbeddedDatabase): Settings {
  const get = db.sqlite.prepare<[string], string>("SELECT value FROM settings WHERE key = ?").pluck();
  const put = db.sqlite.prepare(
    "INSERT INTO settings (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
  );
  return {
    get: async (key) => get.get(key) ?? null,
    set: (key, value) => db.write(() => void put.run(key, value)),
  };
}
