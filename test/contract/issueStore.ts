import { describe, expect, it } from "vitest";
import type { Fingerprint } from "../../src/domain/issue.ts";
import { buildEvent } from "../helpers/eventBuilder.ts";
import type { SpoolAndIssues } from "./eventSpool.ts";

const AT = 1_759_996_800_000;

function fingerprint(family = "cart"): Fingerprint {
  return { algorithm: 1, family, strict: "s", why: "type and top frame" };
}

/** What every IssueStore must do. */
export function issueStoreContract(name: string, make: () => Promise<SpoolAndIssues>): void {
  describe(`IssueStore: ${name}`, () => {
    it("makes one Issue of one family in a project and service, and another of each other", async () => {
      const { issues } = await make();
      const first = await issues.digest(buildEvent(), fingerprint());
      const second = await issues.digest(buildEvent(), { ...fingerprint(), strict: "variant" });
      const others = await Promise.all([
        issues.digest(buildEvent({ project: "other" }), fingerprint()),
        issues.digest(buildEvent({ service: "other" }), fingerprint()),
        issues.digest(buildEvent(), fingerprint("other")),
      ]);
      expect(first).toMatchObject({ isNew: true, repeated: false, issue: { count: 1 } });
      expect(second).toMatchObject({ isNew: false, repeated: false, issue: { id: first.issue.id, count: 2 } });
      expect(second.issue.fingerprint.strict).toBe("s");
      expect(others.every((o) => o.isNew)).toBe(true);
      expect(new Set([first, ...others].map((d) => d.issue.id)).size).toBe(4);
    });

    it("counts an Event once, however often and with whatever fingerprint it is digested", async () => {
      const { spool, issues } = await make();
      const event = buildEvent();
      await spool.append([event]);
      const [a, b] = await Promise.all([issues.digest(event, fingerprint()), issues.digest(event, fingerprint())]);
      const c = await issues.digest(event, fingerprint("changed algorithm"));
      expect([a.repeated, b.repeated, c.repeated]).toEqual([false, true, true]);
      expect(c).toMatchObject({ isNew: false, issue: { id: a.issue.id, count: 1 } });
      expect(await issues.list()).toHaveLength(1);
      expect(await issues.countSince(a.issue.id, 0)).toBe(1);
    });

    it("keeps the first five, every power-of-two-th and the latest Event whole", async () => {
      const { spool, issues } = await make();
      let id = "";
      for (let n = 1; n <= 21; n += 1) {
        const event = buildEvent({ receivedAt: AT + n });
        await spool.append([event]);
        id = (await issues.digest(event, fingerprint())).issue.id;
      }
      const samples = await issues.samples(id, 100);
      expect(samples.map((e) => e.receivedAt - AT)).toEqual([21, 16, 8, 5, 4, 3, 2, 1]);
      expect(await issues.samples(id, 2)).toEqual(samples.slice(0, 2));
    });

    it("takes for the latest what was received last, not what was digested last", async () => {
      const { issues } = await make();
      const at = [1, 2, 3, 4, 5, 20, 10];
      const digests = [];
      for (const n of at) digests.push(await issues.digest(buildEvent({ receivedAt: AT + n }), fingerprint()));
      const issue = digests.at(-1)?.issue;
      expect(issue).toMatchObject({ firstSeen: AT + 1, lastSeen: AT + 20, count: 7 });
      const samples = await issues.samples(issue?.id ?? "", 100);
      expect(samples.map((e) => e.receivedAt - AT)).toEqual([20, 5, 4, 3, 2, 1]);
    });

    it("counts to the Event since a moment, of all releases or of one", async () => {
      const { issues } = await make();
      let id = "";
      for (let n = 0; n < 30; n += 1) {
        const event = buildEvent({ receivedAt: AT + n, release: n % 3 === 0 ? "2.0.0" : "1.0.0" });
        id = (await issues.digest(event, fingerprint())).issue.id;
      }
      expect(await issues.countSince(id, AT)).toBe(30);
      expect(await issues.countSince(id, AT + 10)).toBe(20);
      expect(await issues.countSince(id, AT + 10, "2.0.0")).toBe(6);
      expect(await issues.countSince(id, AT + 30)).toBe(0);
      expect(await issues.countSince("unknown", 0)).toBe(0);
    });

    it("keeps counters by minute, and what each release had of it", async () => {
      const { issues } = await make();
      const minute = Math.floor(AT / 60_000) * 60_000;
      const at = [0, 59_999, 60_000, 300_000].map((after) => minute + after);
      let id = "";
      for (const [n, receivedAt] of at.entries()) {
        const event = buildEvent({ receivedAt, ...(n > 0 && { release: n === 3 ? "b" : "a" }) });
        id = (await issues.digest(event, fingerprint())).issue.id;
        await issues.digest(event, fingerprint());
      }
      expect(await issues.minutes(id, 0)).toEqual([
        { at: minute, events: 2 },
        { at: minute + 60_000, events: 1 },
        { at: minute + 300_000, events: 1 },
      ]);
      expect(await issues.minutes(id, minute + 60_001)).toHaveLength(2);
      expect(await issues.releases(id)).toEqual([
        { release: "a", firstSeen: at[1], lastSeen: at[2], events: 2 },
        { release: "b", firstSeen: at[3], lastSeen: at[3], events: 1 },
      ]);
    });

    it("lists the last seen first, by project and service", async () => {
      const { issues } = await make();
      const digest = async (n: number, project: string, service: string) =>
        (await issues.digest(buildEvent({ receivedAt: AT + n, project, service }), fingerprint())).issue;
      const [old, newer, newest] = [await digest(1, "a", "x"), await digest(3, "a", "y"), await digest(5, "b", "x")];
      expect(await issues.list()).toEqual([newest, newer, old]);
      expect(await issues.list({ project: "a" })).toEqual([newer, old]);
      expect(await issues.list({ project: "a", service: "x" })).toEqual([old]);
      expect(await issues.list({ limit: 1 })).toEqual([newest]);
      expect(await issues.get(old.id)).toEqual(old);
      expect(await issues.get("unknown")).toBeNull();
    });

    it("attaches a ticket, which further Events leave there", async () => {
      const { issues } = await make();
      const { issue } = await issues.digest(buildEvent(), fingerprint());
      await issues.attachTicket(issue.id, "t-1");
      const again = await issues.digest(buildEvent(), fingerprint());
      expect(again.issue.ticketId).toBe("t-1");
      await expect(issues.attachTicket("unknown", "t-1")).rejects.toMatchObject({ code: "issueNotFound" });
    });
  });
}
