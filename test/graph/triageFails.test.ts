import { expect, it, vi } from "vitest";
import type { TriageBrain } from "../../src/agents/triage/contract.ts";
import { ticketId } from "../../src/domain/ids.ts";
import { testSystem, tinyCrash } from "../helpers/system.ts";
import { buildTicket } from "../helpers/ticketBuilder.ts";

const other = { function: "shout", line: 11 };

const fails: TriageBrain = {
  name: "scripted",
  triage: async () => {
    throw new TypeError("a bug in triage");
  },
};

it("a batch is not lost when triage fails for good: a person gets one ticket over all of its Issues", async () => {
  const { crash, ticket, audit, answer } = await testSystem({ brains: { triage: fails } });
  const id = await crash(tinyCrash(), tinyCrash({}, other));
  expect(await ticket(id)).toMatchObject({
    state: "escalated",
    approval: { kind: "escalate", reasons: ["triage failed: a bug in triage"] },
  });
  expect((await ticket(id)).issueIds).toHaveLength(2);
  expect(await audit(id)).toEqual(["ticket.opened", "ticket.escalated"]);
  const guided = await answer(id, { type: "guide", by: "ada", message: "look at the profile" });
  expect(guided.state).toBe("soaking");
});

const apart: TriageBrain = {
  name: "scripted",
  triage: async (issues) => ({
    tokens: 0,
    groups: issues.map(({ index, title }) => ({ issues: [index], title, severity: "critical", rootCause: "" })),
  }),
};

it("tickets that triage had opened before it failed are all worked on", async () => {
  const { system, crash, ticket } = await testSystem({ brains: { triage: apart } });
  // Its two attempts; the disk is well again after them.
  const attach = vi.spyOn(system.stores.issues, "attachTicket");
  for (const _ of [1, 2]) attach.mockRejectedValueOnce(new Error("no space left on device"));
  const id = await crash(tinyCrash(), tinyCrash({}, other));
  expect(await ticket(id)).toMatchObject({ state: "escalated" });
  const tickets = await system.stores.tickets.list();
  expect(tickets).toHaveLength(2);
  expect(tickets.find((t) => t.id !== id)?.state).not.toBe("open");
});

it.each([
  ["the one that it would open itself", 1],
  ["another Issue's than it would open under that id", 0],
])(
  "a ticket of an attempt that was given up, which lands while the next one looks: it is worked on, %s",
  async (_, place) => {
    const { system, crash } = await testSystem({ brains: { triage: apart } });
    const { tickets, issues } = system.stores;
    const list = tickets.list;
    let landed = "";
    const late = vi.spyOn(tickets, "list").mockImplementation(async (filter) => {
      const before = await list(filter);
      if (filter?.batchId === undefined || landed !== "") return before;
      // Between the look at the tickets and the look at the Issues.
      const found = (await issues.list()).sort((a, b) => (a.title < b.title ? -1 : 1));
      const issueIds = [found[place]?.id ?? ""];
      landed = ticketId(filter.batchId, place);
      const given = { id: landed, batchId: filter.batchId, project: "test", service: "tiny", issueIds };
      await tickets.open(buildTicket({ ...given, state: "open", severity: "critical" }));
      if (place === 1) await issues.attachTicket(issueIds[0] ?? "", landed);
      return before;
    });
    await crash(tinyCrash(), tinyCrash({}, other));
    late.mockRestore();
    const all = await tickets.list();
    expect(all.map(({ issueIds }) => issueIds.length)).toEqual([1, 1]);
    expect(new Set(all.flatMap(({ issueIds }) => issueIds)).size).toBe(2);
    expect(all.map(({ state }) => state)).not.toContain("open");
    expect((await system.stores.audit.list()).filter(({ kind }) => kind === "issue.joined")).toEqual([]);
  },
);

it("a run of a batch that is not there ends, and says so", async () => {
  const { runner, system, faults } = await testSystem();
  const batchId = "00000000-0000-4000-8000-000000000000";
  await runner.start("no batch", { entry: "batch", batchId });
  await runner.idle();
  expect(await system.stores.tickets.list()).toEqual([]);
  expect(faults.join()).toMatch(/a run failed before it had a ticket.*there is no batch/);
});
