import { Lesson } from "../../domain/lesson.ts";
import type { LessonStore } from "../../domain/ports/lessonStore.ts";
import type { EmbeddedDatabase } from "./database.ts";
import { readStored } from "./storedJson.ts";

/** Creates the store of Lessons. The first Lesson of an id stays, and a forgotten Lesson is not learned again. */
export function createLessonStore(db: EmbeddedDatabase): LessonStore {
  const insert = db.sqlite.prepare("INSERT INTO lessons (id, json) VALUES (?, ?) ON CONFLICT (id) DO NOTHING");
  const forget = db.sqlite.prepare("UPDATE lessons SET json = NULL WHERE id = ? AND json IS NOT NULL");
  const list = db.sqlite
    .prepare<[{ service: string | null; limit: number }], string>(`
      SELECT json FROM lessons WHERE json IS NOT NULL AND (@service IS NULL OR service = @service)
      ORDER BY at DESC, rowid DESC LIMIT @limit`)
    .pluck();
  return {
    add: (lesson) => db.write(() => void insert.run(lesson.id, JSON.stringify(Lesson.parse(lesson)))),
    forget: (id) => db.write(() => forget.run(id).changes > 0),
    list: async ({ service, limit } = {}) =>
      list.all({ service: service ?? null, limit: limit ?? -1 }).map((json) => readStored(Lesson, json, "a lesson")),
  };
}
