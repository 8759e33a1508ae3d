import { describe, expect, it } from "vitest";
import { uuidFrom } from "../../src/domain/ids.ts";
import type { Lesson } from "../../src/domain/lesson.ts";
import type { LessonStore } from "../../src/domain/ports/lessonStore.ts";

export function lesson(name: string, more: Partial<Lesson> = {}): Lesson {
  return {
    id: uuidFrom("lesson", name),
    ticketId: name,
    service: "shop",
    outcome: "held",
    at: 1,
    families: [name],
    titles: [],
    culprits: [],
    files: [],
    by: "rules:nullGuard",
    patchDigest: "d",
    diff: "",
    note: "",
    ...more,
  };
}

/** What every LessonStore must do. */
export function lessonStoreContract(name: string, make: () => Promise<LessonStore>): void {
  describe(`LessonStore: ${name}`, () => {
    it("gives what was learned, newest first, of a service", async () => {
      const store = await make();
      await store.add(lesson("a"));
      await store.add(lesson("b", { at: 5 }));
      await store.add(lesson("c", { at: 9, service: "other" }));
      expect((await store.list()).map((one) => one.ticketId)).toEqual(["c", "b", "a"]);
      expect((await store.list({ service: "shop" })).map((one) => one.ticketId)).toEqual(["b", "a"]);
      expect(await store.list({ limit: 1 })).toHaveLength(1);
    });

    it("keeps the first of an id, and does not learn again what was forgotten", async () => {
      const store = await make();
      const one = lesson("a");
      await store.add(one);
      await store.add({ ...one, note: "again" });
      expect(await store.list()).toEqual([one]);
      expect(await store.forget(one.id)).toBe(true);
      expect(await store.forget(one.id)).toBe(false);
      await store.add(one);
      expect(await store.list()).toEqual([]);
    });
  });
}
