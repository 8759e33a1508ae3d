import type { Lesson } from "../lesson.ts";

/** Lessons: how earlier Patches ended. */
export interface LessonStore {
  /** Idempotent by id. A Lesson that was forgotten is not added again. */
  add(lesson: Lesson): Promise<void>;
  /** Newest first. */
  list(filter?: { service?: string; limit?: number }): Promise<Lesson[]>;
  /** Removes a Lesson from the list. Returns false if no Lesson has that id. */
  forget(id: string): Promise<boolean>;
}
