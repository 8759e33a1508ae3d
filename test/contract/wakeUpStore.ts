import { describe, expect, it } from "vitest";
import type { Settings } from "../../src/domain/ports/settings.ts";
import type { WakeUpStore } from "../../src/domain/ports/wakeUpStore.ts";

/** What every WakeUpStore must do. */
export function wakeUpStoreContract(name: string, make: () => Promise<WakeUpStore>): void {
  describe(`WakeUpStore: ${name}`, () => {
    it("gives what is due, soonest first, and when the next is", async () => {
      const wakeUps = await make();
      expect(await wakeUps.nextDueAt()).toBeNull();
      await wakeUps.set({ ticketId: "a", kind: "verify", dueAt: 30 });
      await wakeUps.set({ ticketId: "b", kind: "verify", dueAt: 10 });
      await wakeUps.set({ ticketId: "a", kind: "remind", dueAt: 20 });
      expect(await wakeUps.nextDueAt()).toBe(10);
      expect(await wakeUps.due(9)).toEqual([]);
      expect(await wakeUps.due(20)).toEqual([
        { ticketId: "b", kind: "verify", dueAt: 10 },
        { ticketId: "a", kind: "remind", dueAt: 20 },
      ]);
    });

    it("has one of a ticket and kind, until it is cleared", async () => {
      const wakeUps = await make();
      await wakeUps.set({ ticketId: "a", kind: "verify", dueAt: 30 });
      await wakeUps.set({ ticketId: "a", kind: "verify", dueAt: 40 });
      await wakeUps.set({ ticketId: "a", kind: "deploy", dueAt: 50 });
      expect(await wakeUps.due(100)).toHaveLength(2);
      await wakeUps.clear("a", "verify");
      await wakeUps.clear("a", "verify");
      expect(await wakeUps.due(100)).toEqual([{ ticketId: "a", kind: "deploy", dueAt: 50 }]);
    });

    it("postpones only what is still the same", async () => {
      const wakeUps = await make();
      const first = { ticketId: "a", kind: "verify", dueAt: 30 } as const;
      await wakeUps.set(first);
      await wakeUps.postpone(first, 90);
      expect(await wakeUps.due(100)).toEqual([{ ...first, dueAt: 90 }]);
      await wakeUps.set({ ...first, dueAt: 50 });
      await wakeUps.postpone(first, 90);
      expect(await wakeUps.due(100)).toEqual([{ ...first, dueAt: 50 }]);
      await wakeUps.clear("a", "verify");
      await wakeUps.postpone({ ...first, dueAt: 50 }, 90);
      expect(await wakeUps.nextDueAt()).toBeNull();
    });
  });
}

/** What every Settings must do. */
export function settingsContract(name: string, make: () => Promise<Settings>): void {
  describe(`Settings: ${name}`, () => {
    it("keeps the last value of a key", async () => {
      const settings = await make();
      expect(await settings.get("paused")).toBeNull();
      await settings.set("paused", "yes");
      await settings.set("paused", "");
      await settings.set("other", "1");
      expect(await settings.get("paused")).toBe("");
    });
  });
}
