import { describe, expect, test } from "vitest";
import type { CapturedEvent } from "../../../src/domain/event.ts";
import { createDigester } from "../../../src/ingest/digest/digest.ts";
import { testSystem, tinyCrash } from "../../helpers/system.ts";

const HOUR = 3_600_000;

/** A service that is known for an hour, and takes Events through the real digester. */
async function home() {
  const test = await testSystem({ config: { autonomy: "observe" } });
  const { clock, system } = test;
  const { stores } = system;
  const digester = createDigester({
    ...stores,
    clock,
    times: { debounceMs: 1, maxWaitMs: 1 },
    ticket: (id) => stores.tickets.get(id),
  });
  const of = (name: string, more: Partial<CapturedEvent> = {}) =>
    tinyCrash({ receivedAt: clock.now(), timestamp: clock.now(), ...more }, { function: name, line: 1 });
  await test.crash(of("old"));
  clock.advance(HOUR);
  const burst = (names: string[]) =>
    names.map((name, i) => of(name, { receivedAt: clock.now() + i * 100, timestamp: clock.now() + i * 100 }));
  /** Whether one more Event of it calls for a run. */
  const calls = async (name: string): Promise<boolean> => {
    const event = of(name);
    await stores.spool.append([event]);
    const before = (await stores.debounce.open()).flatMap(({ issueIds }) => issueIds).length;
    await digester.digestPending();
    const windows = await stores.debounce.open();
    const called = windows.flatMap(({ issueIds }) => issueIds).length > before;
    for (const window of windows) await stores.debounce.close(window, clock.now());
    return called;
  };
  return { ...test, of, burst, calls, stores };
}

const NAMES = ["pool", "cart", "order", "mail", "stock", "price"];

describe("an incident", () => {
  test("is one ticket over the Issue that began it; the others are linked, and wait for its end", async () => {
    const { crash, ticket, burst, calls, stores, clock } = await home();
    const lead = await ticket(await crash(...burst(NAMES)));
    expect(await stores.tickets.list({ batchId: lead.batchId })).toHaveLength(1);
    expect(lead.rootCause).toContain("one incident: 5 more problems");
    expect(lead).toMatchObject({ issueIds: [expect.any(String)], cascade: expect.any(Array), severity: "high" });
    expect(lead.cascade).toHaveLength(5);
    expect(await stores.issues.get(lead.issueIds[0] ?? "")).toMatchObject({
      culprit: "pool (src/greet.js)",
      ticketId: lead.id,
      cascade: null,
    });
    for (const id of lead.cascade ?? [])
      expect(await stores.issues.get(id)).toMatchObject({ ticketId: null, cascade: { ticketId: lead.id } });
    // As long as the ticket is open they call for nothing; what is new joins what it came up with.
    expect(await calls("cart")).toBe(false);
    const late = await crash(...burst(["late"]));
    expect(await stores.tickets.get(late)).toBeNull();
    expect((await ticket(lead.id)).cascade).toHaveLength(6);
    // Ended: whatever still happens is looked at by itself, and is no incident again.
    await stores.tickets.update(lead.id, () => ({ state: "healed", closedAt: clock.now() }));
    clock.advance(1);
    expect(await calls("cart")).toBe(true);
    const own = [await crash(...burst(NAMES.slice(1)))];
    expect(await stores.tickets.list({ batchId: (await ticket(own[0] ?? "")).batchId })).toHaveLength(5);
    expect(await calls("cart")).toBe(false);
  });

  test("holds the others up for so long and no longer, whatever becomes of the ticket", async () => {
    const { crash, ticket, burst, calls, clock, stores } = await home();
    const lead = await ticket(await crash(...burst(NAMES)));
    clock.advance(HOUR - 1000);
    expect(await calls("mail")).toBe(false);
    clock.advance(2000);
    expect(await calls("mail")).toBe(true);
    const own = await ticket(await crash(...burst(["mail"])));
    expect(own.id).not.toBe(lead.id);
    expect((await stores.tickets.list({ open: true })).map(({ id }) => id)).toContain(lead.id);
  });

  test("is none with fewer families", async () => {
    const { crash, ticket, burst, stores } = await home();
    const first = await ticket(await crash(...burst(NAMES.slice(0, 4))));
    expect(await stores.tickets.list({ batchId: first.batchId })).toHaveLength(4);
  });

  test("goes by the origin that traces name, rather than by who was seen first; the planner hears it", async () => {
    const { crash, ticket, burst, stores, clock } = await home();
    const traceId = "a".repeat(32);
    const events = burst(NAMES).map((event, i) => (i < 3 ? { ...event, traceId } : event));
    // "order" failed first in the trace, and was called by "web", which is another service.
    const [, , order] = events;
    if (order === undefined) throw new Error("no such event");
    const traced = events.map((event) => (event === order ? { ...event, timestamp: clock.now() - 50 } : event));
    const web = tinyCrash({ service: "web", traceId, timestamp: clock.now() + 500 }, { function: "page", line: 1 });
    const outer = await ticket(await crash(web, ...traced));
    const opened = await stores.tickets.list({ batchId: outer.batchId });
    const lead = opened.find(({ cascade }) => cascade !== undefined);
    const led = await stores.issues.get(lead?.issueIds[0] ?? "");
    expect(led).toMatchObject({ culprit: "order (src/greet.js)" });
    expect(lead?.origin).toEqual({ service: "tiny", issueId: led?.id, traces: 1 });
  });
});
