import { describe, expect, it } from "vitest";
import { uuidFrom } from "../../src/domain/ids.ts";
import type { DebounceWindow } from "../../src/domain/issue.ts";
import type { BatchStore } from "../../src/domain/ports/batchStore.ts";
import type { DebounceStore } from "../../src/domain/ports/debounceStore.ts";

interface Stores {
  debounce: DebounceStore;
  batches: BatchStore;
}

const WINDOW: DebounceWindow = {
  project: "demo",
  service: "shop",
  issueIds: ["i1"],
  openedAt: 1000,
  lastAt: 1000,
  dueAt: 2000,
};

/** What every pair of DebounceStore and BatchStore must do. */
export function debounceStoreContract(name: string, make: () => Promise<Stores>): void {
  describe(`DebounceStore and BatchStore: ${name}`, () => {
    it("keeps one window a project and service", async () => {
      const { debounce } = await make();
      await debounce.put(WINDOW);
      await debounce.put({ ...WINDOW, issueIds: ["i1", "i2"], dueAt: 3000 });
      await debounce.put({ ...WINDOW, service: "other" });
      expect(await debounce.get("demo", "shop")).toMatchObject({ issueIds: ["i1", "i2"], dueAt: 3000 });
      expect(await debounce.get("demo", "unknown")).toBeNull();
      expect(await debounce.open()).toHaveLength(2);
    });

    it("turns a window into an unstarted Batch under the id everyone can derive", async () => {
      const { debounce, batches } = await make();
      await debounce.put(WINDOW);
      const batch = await debounce.close(WINDOW, 2000);
      expect(batch).toEqual({
        id: uuidFrom("batch", "demo", "shop", "1000"),
        project: "demo",
        service: "shop",
        issueIds: ["i1"],
        openedAt: 1000,
        closedAt: 2000,
        state: "closed",
      });
      expect(await debounce.open()).toEqual([]);
      expect(await batches.unstarted()).toEqual([batch]);
      expect(await batches.get(batch.id)).toEqual(batch);
    });

    it("closes once: doing it again gives the same Batch and starts nothing again", async () => {
      const { debounce, batches } = await make();
      await debounce.put(WINDOW);
      const batch = await debounce.close(WINDOW, 2000);
      await batches.markStarted(batch.id);
      expect(await debounce.close(WINDOW, 9000)).toEqual({ ...batch, state: "started" });
      expect(await batches.unstarted()).toEqual([]);
    });

    it("takes along what joined the window since the caller looked", async () => {
      const { debounce } = await make();
      await debounce.put({ ...WINDOW, issueIds: ["i1", "i2"] });
      expect((await debounce.close(WINDOW, 2000)).issueIds).toEqual(["i1", "i2"]);
    });

    it("leaves a newer window of the service alone", async () => {
      const { debounce } = await make();
      const newer = { ...WINDOW, issueIds: ["i9"], openedAt: 5000 };
      await debounce.put(newer);
      expect((await debounce.close(WINDOW, 6000)).issueIds).toEqual(["i1"]);
      expect(await debounce.get("demo", "shop")).toEqual(newer);
    });

    it("loses nothing when a second window opens in the same millisecond", async () => {
      const { debounce, batches } = await make();
      for (const issueId of ["i1", "i2", "i3"]) {
        const window = { ...WINDOW, issueIds: [issueId] };
        await debounce.put(window);
        await debounce.close(window, 1000);
      }
      expect((await batches.unstarted()).flatMap((b) => b.issueIds).sort()).toEqual(["i1", "i2", "i3"]);
    });

    it("marks a Batch started, again and again, and knows none that is not there", async () => {
      const { debounce, batches } = await make();
      const { id } = await debounce.close(WINDOW, 2000);
      await batches.markStarted(id);
      await batches.markStarted(id);
      expect(await batches.get(id)).toMatchObject({ state: "started" });
      await expect(batches.markStarted("unknown")).rejects.toMatchObject({ code: "batchNotFound" });
      expect(await batches.get("unknown")).toBeNull();
    });
  });
}
