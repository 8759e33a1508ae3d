import { describe, expect, it, onTestFinished } from "vitest";
import { ticketLease } from "../../../src/domain/lease.ts";
import { RunState } from "../../../src/domain/runState.ts";
import { endPreviousLeases, withLease } from "../../../src/graph/wrappers/ticketLease.ts";
import { openEmbeddedStores } from "../../../src/store/embedded.ts";
import { codes, repairs, testSystem, tinyCrash } from "../../helpers/system.ts";
import { tempFolder } from "../../helpers/tempFolder.ts";
import { testClock } from "../../helpers/testClock.ts";
import { buildTicket, buildTicketAwaitingApproval } from "../../helpers/ticketBuilder.ts";

const never = new AbortController().signal;
const NODE_MS = 1000;

async function bench() {
  const clock = testClock();
  const stores = await openEmbeddedStores(tempFolder(), clock);
  onTestFinished(() => stores.close());
  const entered: string[] = [];
  const node = (boot: string, during: () => Promise<unknown> = async () => undefined) =>
    withLease(
      async (_state, _signal, run) => {
        entered.push(`${boot} ${run?.claim?.token}`);
        await during();
        await run?.claim?.renew();
        return {};
      },
      { ...stores, boot, slowestNodeMs: NODE_MS },
    );
  return { clock, stores, entered, node };
}

describe("a node under its ticket's lease", () => {
  it("keeps it from node to node, and lets no other run in before its time is over", async () => {
    const { clock, stores, entered, node } = await bench();
    const ticket = await stores.tickets.open(buildTicket({ state: "coding" }));
    const state = RunState.parse({ ticketId: ticket.id });
    await node("a")(state, never, { thread: ticket.id });
    await node("a")(state, never, { thread: ticket.id });
    const busy = { code: "busy", message: expect.stringContaining(`the run on thread ${ticket.id}`) };
    await expect(node("a")(state, never, { thread: "another" })).rejects.toMatchObject(busy);
    await expect(node("b")(state, never, { thread: ticket.id })).rejects.toMatchObject(busy);
    clock.advance(NODE_MS + 60_000);
    await node("b")(state, never, { thread: ticket.id });
    expect(entered).toEqual(["a 1", "a 1", "b 2"]);
  });

  it("fences the one that was stopped for longer than its lease", async () => {
    const { clock, stores, node } = await bench();
    const ticket = await stores.tickets.open(buildTicket({ state: "deploying" }));
    const state = RunState.parse({ ticketId: ticket.id });
    const stopped = node("a", async () => {
      clock.advance(NODE_MS + 60_000);
      await node("b")(state, never);
    });
    await expect(stopped(state, never)).rejects.toMatchObject({ code: "fenced" });
  });

  it("keeps it while a person is asked, and gives it back when the ticket is closed", async () => {
    const { clock, stores, node } = await bench();
    const ticket = await stores.tickets.open(buildTicketAwaitingApproval());
    const state = RunState.parse({ ticketId: ticket.id });
    await node("a")(state, never);
    clock.advance(86_400_000);
    await expect(node("b")(state, never)).rejects.toMatchObject({ code: "busy" });
    await stores.tickets.update(ticket.id, () => ({ state: "rejected", approval: null }));
    await node("a")(state, never);
    expect(await stores.leases.get(ticketLease(ticket.id))).toBeNull();
  });

  it("a new process ends what the former ones held, and nothing else", async () => {
    const { stores, node } = await bench();
    const ticket = await stores.tickets.open(buildTicket({ state: "coding" }));
    const state = RunState.parse({ ticketId: ticket.id });
    await node("old")(state, never);
    await stores.leases.take("something else", "person:ada", 1000);
    expect(await endPreviousLeases(stores.leases, "new")).toEqual([ticketLease(ticket.id)]);
    await node("new")(state, never);
    expect(await endPreviousLeases(stores.leases, "new")).toEqual([]);
    expect(await stores.leases.get("something else")).not.toBeNull();
  });
});

describe("a second run on another thread", () => {
  it("is refused while the first one works, and leaves the ticket as it is", async () => {
    let enter: () => void = () => undefined;
    let go: () => void = () => undefined;
    const inside = new Promise<void>((resolve) => (enter = resolve));
    const released = new Promise<void>((resolve) => (go = resolve));
    const code = repairs();
    const coder = codes(async (input) => {
      enter();
      await released;
      return code(input);
    });
    const t = await testSystem({ brains: { coder } });
    const first = t.crash(tinyCrash());
    await inside;
    const [ticket] = await t.system.stores.tickets.list();
    if (ticket === undefined) throw new Error("no ticket");
    const intruder = t.system.graph.invoke(
      { entry: "ticket", ticketId: ticket.id },
      { configurable: { thread_id: "11111111-1111-4111-8111-111111111111" } },
    );
    const why = `planner failed: ticket ${ticket.id} is being worked on by the run on thread ${ticket.id}`;
    expect(await intruder).toMatchObject({ failed: "planner", cause: expect.stringContaining(why), outcome: "none" });
    expect(await t.ticket(ticket.id)).toMatchObject({ state: "coding", approval: null });
    go();
    await first;
    expect(await t.ticket(ticket.id)).toMatchObject({ state: "soaking" });
    expect(await t.audit(ticket.id)).not.toContain("ticket.escalated");
  });

  it("is refused while a person is asked", async () => {
    const t = await testSystem({ config: { autonomy: "supervised" } });
    const id = await t.crash(tinyCrash());
    const intruder = t.system.graph.invoke(
      { entry: "ticket", ticketId: id },
      { configurable: { thread_id: "11111111-1111-4111-8111-111111111111" } },
    );
    expect(await intruder).toMatchObject({ failed: "planner", cause: expect.stringContaining("is being worked on") });
    expect(await t.answer(id, { type: "approve", by: "ada", message: "" })).toMatchObject({ state: "soaking" });
  });
});
