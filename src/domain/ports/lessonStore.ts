import type { Lesson } from "../lesson.ts";

/** What is remembered of how Patches ended. */
export interface LessonStore {
  /** Idempotent by id; one that was forgotten stays so. */
  add(lesson: Lesson): Promise<void>;
  /** Newest first. */
  list(filter?: { service?: string; limit?: number }): Promise<Lesson[]>;
  /** False: there is none of that id. */
  forget(id: string): Promise<boolean>;
}
