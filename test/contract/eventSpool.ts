import { describe, expect, it } from "vitest";
import type { EventSpool } from "../../src/domain/ports/eventSpool.ts";
import type { IssueStore } from "../../src/domain/ports/issueStore.ts";
import { buildEvent } from "../helpers/eventBuilder.ts";

/** The two ports over one storage, and how it is opened again as after a restart. */
export interface SpoolAndIssues {
  spool: EventSpool & { depth(): Promise<number> };
  issues: IssueStore;
}

const FINGERPRINT = { algorithm: 1, family: "f", strict: "s", why: "type and top frame" };

/** What every EventSpool must do. */
export function eventSpoolContract(
  name: string,
  make: () => Promise<SpoolAndIssues & { reopen(): Promise<SpoolAndIssues> }>,
): void {
  describe(`EventSpool: ${name}`, () => {
    it("gives back what was appended, oldest first, whole", async () => {
      const { spool } = await make();
      const events = [
        buildEvent({ extra: { cart: '{"a":1}' }, tags: { __proto__x: "1" } }),
        buildEvent(),
        buildEvent(),
      ];
      await spool.append(events.slice(0, 2));
      await spool.append(events.slice(2));
      expect(await spool.undigested(10)).toEqual(events);
      expect(await spool.undigested(2)).toEqual(events.slice(0, 2));
      expect(await spool.depth()).toBe(3);
    });

    it("keeps one of two Events with the same id in a project, and both of two projects", async () => {
      const { spool } = await make();
      const event = buildEvent();
      await spool.append([event, event]);
      await spool.append([{ ...event, level: "fatal" }]);
      await spool.append([{ ...event, project: "other" }]);
      expect(await spool.undigested(10)).toEqual([event, { ...event, project: "other" }]);
      expect(await spool.depth()).toBe(2);
    });

    it("does not bring a digested Event back when it is sent again", async () => {
      const { spool, issues } = await make();
      const event = buildEvent();
      await spool.append([event]);
      await issues.digest(event, FINGERPRINT);
      expect(await spool.undigested(10)).toEqual([]);
      await spool.append([event]);
      expect(await spool.undigested(10)).toEqual([]);
      expect(await spool.depth()).toBe(0);
    });

    it("turns down one caller's bad Event and keeps the others'", async () => {
      const { spool } = await make();
      const good = [buildEvent(), buildEvent(), buildEvent()];
      const bad = { ...buildEvent(), id: "not hex" };
      const results = await Promise.allSettled([
        spool.append(good.slice(0, 1)),
        spool.append([buildEvent(), bad]),
        spool.append(good.slice(1)),
      ]);
      expect(results.map((r) => r.status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
      expect(results[1]).toMatchObject({ reason: { code: "invalidEvent", faults: [{ path: "id" }] } });
      expect(await spool.undigested(10)).toEqual(good);
    });

    it("takes nothing for nothing", async () => {
      const { spool } = await make();
      await spool.append([]);
      expect(await spool.undigested(10)).toEqual([]);
    });

    it("remembers after a restart, ids of digested Events included", async () => {
      const made = await make();
      const events = [buildEvent(), buildEvent()] as const;
      await made.spool.append(events);
      await made.issues.digest(events[0], FINGERPRINT);
      const { spool } = await made.reopen();
      expect(await spool.undigested(10)).toEqual(events.slice(1));
      await spool.append(events);
      expect(await spool.depth()).toBe(1);
    });
  });
}
