import { describe, expect, it } from "vitest";
import type { AuditLog } from "../../src/domain/ports.ts";
import type { TestClock } from "../helpers/testClock.ts";

/** What every AuditLog must do; `verify` says whether its chain holds, and over how many entries. */
export function auditLogContract(
  name: string,
  make: () => Promise<{ audit: AuditLog; clock: TestClock; verify(): unknown }>,
): void {
  describe(`AuditLog: ${name}`, () => {
    it("chains entries in the order they were appended", async () => {
      const { audit, clock, verify } = await make();
      const entries = await Promise.all(
        Array.from({ length: 20 }, (_, n) => audit.append({ kind: "ticket.opened", actor: "rules", facts: { n } })),
      );
      clock.advance(1000);
      const last = await audit.append({ kind: "deploy.rolled_back", actor: "person:mia", ticketId: "t1" });
      const all = [...entries, last];
      expect(all.map((e) => e.sequence)).toEqual(all.map((_, i) => i + 1));
      expect(all.map((e) => e.previousHash)).toEqual(["0".repeat(64), ...all.slice(0, -1).map((e) => e.hash)]);
      expect(last).toMatchObject({ at: clock.now(), ticketId: "t1", facts: {} });
      expect(verify()).toEqual({ kind: "ok", entries: 21, head: last.hash });
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
        kind: "patch.proposed",
        actor: "model:x",
        ticketId: "t1",
        facts: { z: null, a: true },
      });
      expect(await audit.list()).toEqual([c, b, a]);
      expect(await audit.list({ ticketId: "t1" })).toEqual([c, a]);
      expect(await audit.list({ limit: 1 })).toEqual([c]);
    });

    it("refuses a kind that is no past-tense fact's, and chains on", async () => {
      const { audit, verify } = await make();
      await expect(audit.append({ kind: "Ticket Opened", actor: "rules" })).rejects.toMatchObject({
        code: "invalidAuditEntry",
        faults: [{ path: "kind" }],
      });
      await audit.append({
        kind: "ticket.opened",
        actor: "person:\ud800 odd \u0000 name",
        facts: { "10": 1, "2": -0 },
      });
      expect(verify()).toMatchObject({ kind: "ok", entries: 1 });
    });
  });
}
