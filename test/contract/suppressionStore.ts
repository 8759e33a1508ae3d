import { describe, expect, it } from "vitest";
import { uuidFrom } from "../../src/domain/ids.ts";
import type { SuppressionStore } from "../../src/domain/ports/suppressionStore.ts";
import type { Suppression } from "../../src/domain/suppression.ts";

function of(name: string, more: Partial<Suppression> = {}): Suppression {
  const id = uuidFrom("suppression", name);
  const times = { createdAt: 0, expiresAt: 100, liftedAt: null };
  return { id, issueId: "issue", reason: "known", by: "ada", ...times, ...more };
}

/** What every SuppressionStore must do. */
export function suppressionStoreContract(name: string, make: () => Promise<SuppressionStore>): void {
  describe(`SuppressionStore: ${name}`, () => {
    it("holds until it expires, and says when the last one ended", async () => {
      const store = await make();
      const one = await store.add(of("one"));
      expect(await store.active("issue", 99)).toEqual(one);
      expect(await store.active("other", 99)).toBeNull();
      expect(await store.endedAt("issue", 99)).toBeNull();
      expect(await store.active("issue", 100)).toBeNull();
      expect(await store.endedAt("issue", 100)).toBe(100);
      expect(await store.list(99)).toEqual([one]);
      expect(await store.list(100)).toEqual([]);
    });

    it("keeps the first of an id", async () => {
      const store = await make();
      const one = await store.add(of("one"));
      expect(await store.add(of("one", { reason: "again", expiresAt: 500 }))).toEqual(one);
      expect(await store.list(0)).toEqual([one]);
    });

    it("gives the longest of several", async () => {
      const store = await make();
      await store.add(of("short"));
      const long = await store.add(of("long", { expiresAt: 300 }));
      expect(await store.active("issue", 50)).toEqual(long);
      expect(await store.active("issue", 200)).toEqual(long);
      expect(await store.endedAt("issue", 200)).toBe(100);
    });

    it("is lifted once, and only before its end", async () => {
      const store = await make();
      const one = await store.add(of("one"));
      const lifted = await store.lift(one.id, 40);
      expect(lifted).toEqual({ ...one, liftedAt: 40 });
      expect(await store.lift(one.id, 60)).toEqual(lifted);
      expect(await store.active("issue", 41)).toBeNull();
      expect(await store.endedAt("issue", 41)).toBe(40);
      expect(await store.list(41)).toEqual([]);
      const two = await store.add(of("two"));
      expect(await store.lift(two.id, 100)).toEqual(two);
      expect(await store.lift(uuidFrom("unknown"), 0)).toBeNull();
    });
  });
}
