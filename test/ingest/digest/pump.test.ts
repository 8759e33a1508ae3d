import { describe, expect, onTestFinished, test, vi } from "vitest";
import { issueIdOf } from "../../../src/domain/countEvent.ts";
import type { CapturedEvent } from "../../../src/domain/event.ts";
import type { Batch } from "../../../src/domain/issue.ts";
import type { DebounceStore } from "../../../src/domain/ports/debounceStore.ts";
import type { IssueStore } from "../../../src/domain/ports/issueStore.ts";
import type { Ticket } from "../../../src/domain/ticket.ts";
import { type Batcher, createBatcher } from "../../../src/ingest/digest/batcher.ts";
import { createDigester, type Digester } from "../../../src/ingest/digest/digest.ts";
import { createPump } from "../../../src/ingest/digest/pump.ts";
import { type EmbeddedStores, openEmbeddedStores } from "../../../src/store/embedded.ts";
import { buildEvent, eventId } from "../../helpers/eventBuilder.ts";
import { tempFolder } from "../../helpers/tempFolder.ts";
import { type TestClock, testClock } from "../../helpers/testClock.ts";
import { buildTicket } from "../../helpers/ticketBuilder.ts";

const TIMES = { debounceMs: 60_000, maxWaitMs: 600_000 };

interface Home {
  clock: TestClock;
  stores: EmbeddedStores;
  digester: Digester;
  batcher: Batcher;
  started: Batch[];
  tickets: Map<string, Ticket>;
  /** Throws for as long as it is set. */
  failStart: { with: Error | null };
}

async function home(
  overrides: { debounce?: (real: DebounceStore) => DebounceStore; issues?: (real: IssueStore) => IssueStore } = {},
): Promise<Home> {
  const clock = testClock();
  const stores = await openEmbeddedStores(tempFolder(), clock);
  onTestFinished(() => stores.close());
  const started: Batch[] = [];
  const tickets = new Map<string, Ticket>();
  const failStart: Home["failStart"] = { with: null };
  const digester = createDigester({
    spool: stores.spool,
    issues: overrides.issues?.(stores.issues) ?? stores.issues,
    debounce: overrides.debounce?.(stores.debounce) ?? stores.debounce,
    suppressions: stores.suppressions,
    clock,
    times: TIMES,
    issueIdOf,
    ticket: async (id) => tickets.get(id) ?? null,
  });
  const batcher = createBatcher({
    debounce: stores.debounce,
    batches: stores.batches,
    start: async (batch) => {
      if (failStart.with !== null) throw failStart.with;
      expect(await stores.batches.get(batch.id)).toEqual(batch);
      started.push(batch);
    },
  });
  return { clock, stores, digester, batcher, started, tickets, failStart };
}

const of = (type: string, more: Partial<CapturedEvent> = {}) =>
  buildEvent({ exception: { type, value: "x", frames: [] }, ...more });

describe("from spool to run", () => {
  test("events become issues, their window a batch, the batch a run", async () => {
    const h = await home();
    await h.stores.spool.append([of("A"), of("B"), of("A")]);
    expect(await h.digester.digestPending()).toBe(3);
    expect(await h.digester.digestPending()).toBe(0);
    await h.batcher.closeDue(h.clock.now());
    expect(h.started).toEqual([]);
    expect(await h.batcher.nextDueAt()).toBe(h.clock.now() + 60_000);
    h.clock.advance(60_000);
    await h.batcher.closeDue(h.clock.now());
    const issues = await h.stores.issues.list();
    expect(h.started).toHaveLength(1);
    expect(h.started[0]?.issueIds.toSorted()).toEqual(issues.map((issue) => issue.id).toSorted());
    expect(await h.batcher.nextDueAt()).toBeNull();
    await h.batcher.closeDue(h.clock.now());
    expect(h.started).toHaveLength(1);
  });

  test("more of the same keeps the window open, but not for ever", async () => {
    const h = await home();
    for (let i = 0; i < 20; i++) {
      await h.stores.spool.append([of("A")]);
      await h.digester.digestPending();
      h.clock.advance(40_000);
      await h.batcher.closeDue(h.clock.now());
    }
    expect(h.started).toHaveLength(1);
    expect((h.started[0]?.closedAt ?? 0) - (h.started[0]?.openedAt ?? 0)).toBe(600_000);
  });

  test("services have windows of their own", async () => {
    const h = await home();
    await h.stores.spool.append([of("A"), of("A", { service: "other" })]);
    await h.digester.digestPending();
    h.clock.advance(60_000);
    await h.batcher.closeDue(h.clock.now());
    expect(h.started.map((batch) => batch.service).toSorted()).toEqual(["other", "shop-api"]);
  });

  test("an issue with an open ticket starts nothing; a healed one that happens again does", async () => {
    const h = await home();
    await h.stores.spool.append([of("A")]);
    await h.digester.digestPending();
    h.clock.advance(60_000);
    await h.batcher.closeDue(h.clock.now());
    const [issue] = await h.stores.issues.list();
    const ticket = buildTicket({ state: "soaking" });
    h.tickets.set(ticket.id, ticket);
    await h.stores.issues.attachTicket(issue?.id ?? "", ticket.id);
    await h.stores.spool.append([of("A", { receivedAt: h.clock.now() })]);
    await h.digester.digestPending();
    expect(await h.batcher.nextDueAt()).toBeNull();
    h.tickets.set(ticket.id, { ...ticket, state: "healed", closedAt: h.clock.now() });
    h.clock.advance(1);
    await h.stores.spool.append([of("A", { receivedAt: h.clock.now() })]);
    await h.digester.digestPending();
    h.clock.advance(60_000);
    await h.batcher.closeDue(h.clock.now());
    expect(h.started).toHaveLength(2);
  });

  test("no signal is lost when the process dies between its window and its digest", async () => {
    let failing = true;
    const h = await home({
      issues: (real) => ({
        ...real,
        digest: (event, print) => (failing ? Promise.reject(new Error("killed")) : real.digest(event, print)),
      }),
    });
    await h.stores.spool.append([of("A", { id: eventId("one") })]);
    await expect(h.digester.digestPending()).rejects.toThrow("killed");
    failing = false;
    expect(await h.digester.digestPending()).toBe(1);
    h.clock.advance(60_000);
    await h.batcher.closeDue(h.clock.now());
    expect(h.started[0]?.issueIds).toEqual((await h.stores.issues.list()).map((issue) => issue.id));
    expect(await h.stores.issues.list()).toMatchObject([{ count: 1 }]);
  });

  test("a storm on a known issue costs a share of one commit, and its window is written once a round", async () => {
    let puts = 0;
    const h = await home({
      debounce: (real) => ({
        ...real,
        put: (window) => {
          puts += 1;
          return real.put(window);
        },
      }),
    });
    await h.stores.spool.append(Array.from({ length: 400 }, () => of("A")));
    expect(await h.digester.digestPending()).toBe(400);
    const [issue] = await h.stores.issues.list();
    expect(issue?.count).toBe(400);
    // Two rounds: new, tenth, hundredth in one; both prolong what is open.
    expect(puts).toBeLessThanOrEqual(3);
    const samples = await h.stores.issues.samples(issue?.id ?? "", 1000);
    expect(samples).toHaveLength(5 + 6 + 1);
    expect(await h.stores.issues.countSince(issue?.id ?? "", 0)).toBe(400);
    h.clock.advance(60_000);
    await h.batcher.closeDue(h.clock.now());
    expect(h.started).toHaveLength(1);
  });

  test("nothing is digested whose window could not be written", async () => {
    const h = await home({ debounce: (real) => ({ ...real, put: () => Promise.reject(new Error("disk full")) }) });
    await h.stores.spool.append([of("A")]);
    await expect(h.digester.digestPending()).rejects.toThrow("disk full");
    expect(await h.stores.spool.undigested(10)).toHaveLength(1);
  });

  test("a run that does not start is started later, and holds no other up", async () => {
    const h = await home();
    await h.stores.spool.append([of("A"), of("A", { service: "other" })]);
    await h.digester.digestPending();
    h.clock.advance(60_000);
    h.failStart.with = new Error("no graph");
    await expect(h.batcher.closeDue(h.clock.now())).rejects.toMatchObject({ code: "batchStart" });
    h.failStart.with = null;
    await h.batcher.closeDue(h.clock.now());
    expect(h.started).toHaveLength(2);
    expect(await h.stores.batches.unstarted()).toEqual([]);
  });
});

describe("pump", () => {
  test("works off what an earlier process left, wakes when nudged and when a window is due", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    onTestFinished(() => void vi.useRealTimers());
    const h = await home();
    await h.stores.spool.append([of("A")]);
    const log = { info: vi.fn(), warn: vi.fn(), error: vi.fn() };
    const pump = createPump({ ...h, log });
    pump.nudge();
    expect(await h.stores.spool.undigested(1)).toHaveLength(1);
    pump.start();
    await vi.waitUntil(() => vi.getTimerCount() === 1);
    await h.stores.spool.append([of("B")]);
    pump.nudge();
    await vi.waitUntil(async () => (await h.stores.spool.undigested(1)).length === 0 && vi.getTimerCount() === 1);
    h.clock.advance(60_000);
    await vi.advanceTimersByTimeAsync(60_000);
    await vi.waitUntil(() => h.started.length === 1);
    expect(h.started[0]?.issueIds).toHaveLength(2);
    await pump.stop();
    expect(vi.getTimerCount()).toBe(0);
    expect(log.error).not.toHaveBeenCalled();
  });

  test("a failure is logged and tried again", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    onTestFinished(() => void vi.useRealTimers());
    const h = await home();
    const log = { info: vi.fn(), warn: vi.fn(), error: vi.fn() };
    await h.stores.spool.append([of("A")]);
    await h.digester.digestPending();
    h.clock.advance(60_000);
    h.failStart.with = new Error("no graph");
    const pump = createPump({ ...h, log });
    pump.start();
    await vi.waitUntil(() => log.error.mock.calls.length === 1 && vi.getTimerCount() === 1);
    h.failStart.with = null;
    await vi.advanceTimersByTimeAsync(5000);
    await vi.waitUntil(() => h.started.length === 1);
    await pump.stop();
  });
});
