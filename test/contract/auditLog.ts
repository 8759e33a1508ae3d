import { describe, expect, it } from "vitest";
import { exportLine, readExportLine, walkChain } from "../../src/domain/auditChain.ts";
import type { AuditChain } from "../../src/domain/ports/auditLog.ts";
import type { TestClock } from "../helpers/testClock.ts";

/** What every AuditChain must do. */
export function auditLogContract(name: string, make: () => Promise<{ audit: AuditChain; clock: TestClock }>): void {
  describe(`AuditChain: ${name}`, () => {
    it("chains entries in the order they were appended", async () => {
      const { audit, clock } = await make();
      const entries = await Promise.all(
        Array.from({ length: 20 }, (_, n) => audit.append({ kind: "ticket.opened", actor: "rules", facts: { n } })),
      );
      clock.advance(1000);
      const last = await audit.append({ kind: "deploy.rolled_back", actor: "person:mia", ticketId: "t1" });
      const all = [...entries, last];
      expect(all.map((e) => e.sequence)).toEqual(all.map((_, i) => i + 1));
      expect(all.map((e) => e.previousHash)).toEqual(["0".repeat(64), ...all.slice(0, -1).map((e) => e.hash)]);
      expect(last).toMatchObject({ at: clock.now(), ticketId: "t1", facts: {} });
      expect(await audit.verify()).toEqual({ kind: "ok", entries: 21, head: last.hash });
    });

    it("lists the newest first, of a ticket or of all", async () => {
      const { audit } = await make();
      const a = await audit.append({
        kind: "ticket.opened",
        actor: "rules",
        ticketId: "t1",
        facts: { why: ["a", "b"] },
      });
      const b = await audit.append({ kind: "ticket.opened", actor: "rules", ticketId: "t2" });
      const c = await audit.append({
        kind: "patch.written",
        actor: "model:x",
        ticketId: "t1",
        facts: { z: null, a: true },
      });
      expect(await audit.list()).toEqual([c, b, a]);
      expect(await audit.list({ ticketId: "t1" })).toEqual([c, a]);
      expect(await audit.list({ limit: 1 })).toEqual([c]);
      expect(await audit.after(0, 2)).toEqual([a, b]);
      expect(await audit.after(b.sequence, 2)).toEqual([c]);
    });

    it("refuses a kind that nobody declared, and chains on", async () => {
      const { audit } = await make();
      await expect(audit.append({ kind: "ticket.forged" as "ticket.opened", actor: "rules" })).rejects.toMatchObject({
        code: "invalidAuditEntry",
        faults: [{ path: "kind" }],
      });
      await audit.append({
        kind: "ticket.opened",
        actor: "person:\ud800 odd \u0000 name",
        facts: { "10": 1, "2": -0 },
      });
      expect(await audit.verify()).toMatchObject({ kind: "ok", entries: 1 });
    });

    it("tells its head, and notices that a head noted before is gone", async () => {
      const { audit } = await make();
      const none = "0".repeat(64);
      expect(await audit.head()).toEqual({ entries: 0, head: none });
      expect(await audit.verify(none)).toEqual({ kind: "ok", entries: 0, head: none });
      const first = await audit.append({ kind: "ticket.opened", actor: "rules" });
      const second = await audit.append({ kind: "ticket.opened", actor: "rules" });
      expect(await audit.head()).toEqual({ entries: 2, head: second.hash });
      expect(await audit.verify(first.hash)).toMatchObject({ kind: "ok", entries: 2 });
      expect(await audit.verify("f".repeat(64))).toMatchObject({ kind: "broken", sequence: 3 });
    });

    it("gives pages, oldest first, whose lines can be checked without it", async () => {
      const { audit } = await make();
      for (let n = 0; n < 5; n += 1)
        await audit.append({
          kind: "ticket.opened",
          actor: "rules\u2028",
          ticketId: n % 2 ? "t1" : "t2",
          facts: { n },
        });
      const pages = [await audit.page({ after: 0, limit: 3 }), await audit.page({ after: 3, limit: 3 })];
      expect(pages.map((rows) => rows.map((r) => r.sequence))).toEqual([
        [1, 2, 3],
        [4, 5],
      ]);
      const chain = walkChain();
      for (const row of pages.flat()) expect(chain.add(readExportLine(exportLine(row)))).toBe(true);
      expect(chain.result()).toEqual(await audit.verify());
      const ofTicket = await audit.page({ after: 0, limit: 9, ticketId: "t1" });
      expect(ofTicket.map((r) => r.sequence)).toEqual([2, 4]);
    });
  });
}
