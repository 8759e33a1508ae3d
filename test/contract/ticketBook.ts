import { describe, expect, it } from "vitest";
import type { TicketBook } from "../../src/domain/ports/ticketBook.ts";
import type { Ticket } from "../../src/domain/ticket.ts";
import { buildTicket, buildTicketAwaitingApproval } from "../helpers/ticketBuilder.ts";

/** What every TicketBook must do. */
export function ticketBookContract(
  name: string,
  make: () => Promise<{ book: TicketBook; reopen(): Promise<TicketBook> }>,
): void {
  describe(`TicketBook: ${name}`, () => {
    it("opens a ticket once", async () => {
      const { book } = await make();
      const ticket = buildTicket();
      expect(await book.open(ticket)).toEqual(ticket);
      expect(await book.open({ ...ticket, title: "another" })).toEqual(ticket);
      expect(await book.get(ticket.id)).toEqual(ticket);
      expect(await book.get("unknown")).toBeNull();
    });

    it("changes what the change returns and nothing else", async () => {
      const { book } = await make();
      const ticket = await book.open(buildTicket());
      const updated = await book.update(ticket.id, (t) => ({ state: "planning", tokens: t.tokens + 5 }));
      expect(updated).toEqual({ ...ticket, state: "planning", tokens: 5 });
      expect(await book.get(ticket.id)).toEqual(updated);
    });

    it("applies concurrent updates one after another", async () => {
      const { book } = await make();
      const { id } = await book.open(buildTicket());
      await Promise.all(Array.from({ length: 50 }, () => book.update(id, (t) => ({ tokens: t.tokens + 1 }))));
      expect(await book.get(id)).toMatchObject({ tokens: 50 });
    });

    it("refuses a ticket that is not there, a change that throws and a change that breaks it, each for its caller alone", async () => {
      const { book } = await make();
      const { id } = await book.open(buildTicket());
      const results = await Promise.allSettled([
        book.update("unknown", () => ({})),
        book.update(id, () => {
          throw new Error("no");
        }),
        book.update(id, () => ({ tokens: -1 })),
        book.update(id, () => ({ tokens: 7 })),
      ]);
      expect(results).toMatchObject([
        { status: "rejected", reason: { code: "ticketNotFound" } },
        { status: "rejected", reason: { message: "no" } },
        { status: "rejected", reason: { code: "invalidTicket", faults: [{ path: "tokens" }] } },
        { status: "fulfilled", value: { tokens: 7 } },
      ]);
    });

    it("lists the newest first, by state, service, batch, Issue and whether it is open", async () => {
      const { book } = await make();
      const a = await book.open(buildTicket({ openedAt: 1, state: "healed" }));
      const b = await book.open(buildTicket({ openedAt: 3, service: "other" }));
      const c = await book.open(buildTicket({ openedAt: 2 }));
      const d = await book.open(buildTicket({ openedAt: 3, batchId: c.batchId }));
      const idsOf = async (filter?: Parameters<TicketBook["list"]>[0]) => (await book.list(filter)).map((t) => t.id);
      expect(await idsOf()).toEqual([d.id, b.id, c.id, a.id]);
      expect(await idsOf({ state: "healed" })).toEqual([a.id]);
      expect(await idsOf({ service: "other" })).toEqual([b.id]);
      expect(await idsOf({ batchId: c.batchId })).toEqual([d.id, c.id]);
      expect(await idsOf({ service: "other", state: "healed" })).toEqual([]);
      expect(await idsOf({ open: false })).toEqual([a.id]);
      expect(await idsOf({ issueId: d.issueIds[0] ?? "" })).toEqual([d.id]);
      await book.update(d.id, () => ({ state: "rejected", issueIds: a.issueIds }));
      expect(await idsOf({ open: false })).toEqual([d.id, a.id]);
      expect(await idsOf({ issueId: a.issueIds[0] ?? "", open: false })).toEqual([d.id, a.id]);
      expect(await idsOf({ issueId: d.issueIds[0] ?? "" })).toEqual([]);
    });

    it("lists what asks a person, and the newest so many of whatever is asked for, also after a restart", async () => {
      const { book, reopen } = await make();
      const ids: string[] = [];
      // Not opened in the order of their times, and so many that the few and the many are found in their own ways.
      for (let n = 0; n < 40; n += 1) {
        const state = n % 10 === 0 ? "healed" : "open";
        ids.push(
          (await book.open(buildTicket({ openedAt: (n * 7) % 10, state, service: n === 3 ? "rare" : "usual" }))).id,
        );
      }
      await book.open(buildTicketAwaitingApproval({ openedAt: 4 }));
      const same = async (one: TicketBook) => {
        const all = await one.list();
        expect(all.map((t) => t.openedAt)).toEqual(all.map((t) => t.openedAt).toSorted((a, b) => b - a));
        for (const [filter, is] of [
          [{}, () => true],
          [{ open: true }, (t: Ticket) => t.state !== "healed"],
          [{ state: "healed" }, (t: Ticket) => t.state === "healed"],
          [{ service: "rare" }, (t: Ticket) => t.service === "rare"],
          [{ asking: true }, (t: Ticket) => t.approval !== null],
          [{ asking: false, service: "usual" }, (t: Ticket) => t.approval === null && t.service === "usual"],
        ] as const) {
          expect(await one.list(filter)).toEqual(all.filter(is));
          for (const limit of [1, 3, 100])
            expect(await one.list({ ...filter, limit })).toEqual(all.filter(is).slice(0, limit));
        }
        return all;
      };
      await same(book);
      expect(await book.counts()).toEqual({ states: { open: 36, healed: 4, awaitingApproval: 1 }, asking: 1 });
      await book.update(ids[5] ?? "", () => ({ openedAt: 99, state: "healed" }));
      expect((await book.list({ limit: 1 }))[0]?.id).toBe(ids[5]);
      expect(await book.counts()).toMatchObject({ states: { open: 35, healed: 5 } });
      expect(await same(await reopen())).toHaveLength(41);
    });

    it("gives out tickets that cannot change the book", async () => {
      const { book } = await make();
      const mine = buildTicket();
      const { id } = await book.open(mine);
      mine.issueIds.push("sneaked in");
      for (const ticket of [await book.get(id), ...(await book.list())]) {
        expect(() => ticket?.issueIds.push("sneaked in")).toThrow(TypeError);
      }
      expect((await book.get(id))?.issueIds).not.toContain("sneaked in");
    });

    it("remembers after a restart", async () => {
      const { book, reopen } = await make();
      const ticket = await book.open(buildTicket());
      const updated = await book.update(ticket.id, () => ({ state: "escalated", reason: 'no tests: "x"\n\u2028' }));
      expect(await (await reopen()).list()).toEqual([updated]);
    });
  });
}
