import { describe, expect, test } from "vitest";
import type { CapturedEvent } from "../../src/domain/event.ts";
import type { Ticket } from "../../src/domain/ticket.ts";
import { createDigester } from "../../src/ingest/digest/digest.ts";
import { type TestSystem, type TestSystemOptions, testSystem, tinyCrash } from "../helpers/system.ts";

const WHO = { by: "ann", reason: "one bug" };

/** A system that only opens tickets unless told otherwise, and takes Events through the real digester. */
async function home(options: TestSystemOptions = {}) {
  const test = await testSystem({ config: { autonomy: "observe" }, ...options });
  const { stores } = test.system;
  const digester = createDigester({
    ...stores,
    clock: test.clock,
    times: { debounceMs: 1, maxWaitMs: 1 },
    ticket: (id) => stores.tickets.get(id),
  });
  /** Digests an Event, and says on which Issue it was counted. */
  const take = async (event: CapturedEvent): Promise<string> => {
    const counts = async () => new Map((await stores.issues.list()).map((issue) => [issue.id, issue.count]));
    const before = await counts();
    await stores.spool.append([event]);
    await digester.digestPending();
    const after = await counts();
    return [...after].find(([id, count]) => count !== (before.get(id) ?? 0))?.[0] ?? "none";
  };
  return { ...test, take };
}

const of = (name: string, more: Partial<CapturedEvent> = {}) => tinyCrash(more, { function: name, line: 1 });

async function twoTickets(test: TestSystem): Promise<[Ticket, Ticket]> {
  const [a, b] = [await test.crash(of("first")), await test.crash(of("second"))];
  return [await test.ticket(a), await test.ticket(b)];
}

describe("merge", () => {
  test("sticks: new Events are counted on the other Issue, which says why; and can be undone", async () => {
    const { system, take } = await home();
    const { mergeAndSplit, stores } = system;
    const [a, b] = [await take(of("first")), await take(of("second"))];
    const merged = await mergeAndSplit.merge(a, b, WHO);
    expect(merged).toMatchObject({ kind: "done", issueId: b });
    expect(await take(of("first"))).toBe(b);
    expect(await take(of("first", { trustTier: "T0" }))).toBe(b);
    expect(await stores.issues.get(b)).toMatchObject({ count: 3, trustTier: "T0" });
    expect((await stores.issues.get(b))?.fingerprint.why).toContain(`issue ${a} merged by ann`);
    expect(await stores.issues.get(a)).toMatchObject({ count: 1, mergedInto: b });
    // Said again, nothing changes; the other way round neither.
    expect(await mergeAndSplit.merge(a, b, WHO)).toMatchObject({ kind: "done", rules: [] });
    expect(await mergeAndSplit.merge(b, a, WHO)).toMatchObject({ kind: "refused", refusal: { code: "sameIssue" } });
    // What is merged into the merged one goes where its Events go.
    const c = await take(of("third"));
    expect(await mergeAndSplit.merge(c, a, WHO)).toMatchObject({ issueId: b });
    expect(await take(of("third"))).toBe(b);

    const rule = merged.kind === "done" ? (merged.rules[0]?.id ?? "") : "";
    expect(await mergeAndSplit.undo(rule, "bea")).toMatchObject({
      kind: "done",
      rules: [{ undoneAt: expect.any(Number) }],
    });
    expect(await take(of("first"))).toBe(a);
    expect(await take(of("third"))).toBe(b);
    expect((await stores.issues.get(b))?.fingerprint.why).not.toContain(`issue ${a} merged`);
    expect(await stores.issues.get(a)).toMatchObject({ mergedInto: null });
    const kinds = (await stores.audit.list()).filter(({ kind }) => kind.startsWith("issue."));
    expect(kinds.map(({ kind, actor }) => `${kind} ${actor}`).reverse()).toEqual([
      "issue.merged person:ann",
      "issue.merged person:ann",
      "issue.regrouped person:bea",
    ]);
    expect(await stores.audit.verify()).toMatchObject({ kind: "ok" });
  });

  test("of Issues of two services is refused, and of what is not there", async () => {
    const { system, take } = await home();
    const [a, b] = [await take(of("first")), await take(of("first", { service: "other" }))];
    expect(await system.mergeAndSplit.merge(a, b, WHO)).toMatchObject({ refusal: { code: "otherService" } });
    expect(await system.mergeAndSplit.merge(a, "none", WHO)).toMatchObject({ refusal: { code: "issueNotFound" } });
    expect(await system.mergeAndSplit.undo("none", "ann")).toMatchObject({ refusal: { code: "ruleNotFound" } });
  });

  test("with two open tickets: one ends, the other covers both at the lower trust, and nothing runs twice", async () => {
    const test = await home();
    const { stores, mergeAndSplit } = test.system;
    const [a, b] = [await test.crash(of("first", { trustTier: "T0" })), await test.crash(of("second"))];
    const [first, second] = [await test.ticket(a), await test.ticket(b)];
    const merged = await mergeAndSplit.merge(first.issueIds[0] ?? "", second.issueIds[0] ?? "", WHO);
    expect(merged).toMatchObject({ notes: [expect.stringContaining("ended"), expect.stringContaining("covers both")] });
    expect(await test.ticket(a)).toMatchObject({ state: "dismissed", reason: expect.stringContaining(second.id) });
    expect(await test.ticket(b)).toMatchObject({
      state: "open",
      issueIds: [...second.issueIds, ...first.issueIds],
      trustTier: "T0",
      corroborated: false,
    });
    // A window that held the merged Issue already, and new Events of it, open no further ticket.
    const again = await test.crash(of("first"));
    expect(await stores.tickets.get(again)).toBeNull();
    expect(await stores.tickets.list({ open: true })).toHaveLength(1);
    // Undone, each has its own again, and the next Event of the one whose ticket ended calls for a run.
    const rule = merged.kind === "done" ? (merged.rules[0]?.id ?? "") : "";
    expect(await mergeAndSplit.undo(rule, "ann")).toMatchObject({ notes: [expect.stringContaining("without it")] });
    expect(await test.ticket(b)).toMatchObject({ state: "open", issueIds: second.issueIds, trustTier: "T0" });
    expect(await test.take(of("first"))).toBe(first.issueIds[0]);
    const windows = await stores.debounce.open();
    expect(windows.flatMap(({ issueIds }) => issueIds)).toContain(first.issueIds[0]);
    const anew = await test.ticket(await test.crash(of("first")));
    expect(anew).toMatchObject({ state: "open", issueIds: first.issueIds });
    expect(await stores.issues.get(first.issueIds[0] ?? "")).toMatchObject({ ticketId: anew.id, callsForRun: false });
  });

  test("where one has an open ticket, it covers both, whichever way round", async () => {
    const test = await home();
    const { mergeAndSplit } = test.system;
    const [bare, other] = [await test.take(of("bare")), await test.take(of("other"))];
    const ticket = await test.ticket(await test.crash(of("first")));
    const [worked = ""] = ticket.issueIds;
    await mergeAndSplit.merge(worked, bare, WHO);
    await mergeAndSplit.merge(other, worked, WHO);
    expect((await test.ticket(ticket.id)).issueIds).toEqual([worked, bare, other]);
    for (const id of [worked, bare, other])
      expect(await test.system.stores.issues.get(id)).toMatchObject({ ticketId: ticket.id });
  });

  test("a window that held the merged Issue already opens a ticket of the one that its Events go to, once", async () => {
    const test = await home();
    const [a, b] = [await test.take(of("first")), await test.take(of("second"))];
    await test.system.mergeAndSplit.merge(a, b, WHO);
    const opened = await test.ticket(await test.crash(of("first"), of("second")));
    expect(opened.issueIds).toEqual([b]);
    expect(await test.system.stores.tickets.list()).toHaveLength(1);
  });

  test("a ticket that is worked on, deployed or watched is not cut off, and nothing changed", async () => {
    const test = await home();
    const { stores, mergeAndSplit } = test.system;
    const [first, second] = await twoTickets(test);
    const [a = "", b = ""] = [first.issueIds[0], second.issueIds[0]];
    for (const state of ["deploying", "soaking"] as const) {
      await stores.tickets.update(first.id, () => ({ state }));
      for (const [from, into] of [
        [a, b],
        [b, a],
      ] as const)
        expect(await mergeAndSplit.merge(from, into, WHO)).toMatchObject({
          kind: "refused",
          refusal: { code: "watched" },
        });
    }
    await stores.tickets.update(first.id, () => ({ state: "coding" }));
    const busy = { code: "busy", message: expect.stringContaining(`issues merge ${b} ${a}`) };
    expect(await mergeAndSplit.merge(a, b, WHO)).toMatchObject({ kind: "refused", refusal: busy });
    expect(await stores.taughtRules.list()).toEqual([]);
    expect(await mergeAndSplit.merge(b, a, WHO)).toMatchObject({ kind: "done" });
    expect(await test.ticket(first.id)).toMatchObject({ state: "coding", issueIds: [a, b] });
    expect(await test.ticket(second.id)).toMatchObject({ state: "dismissed" });
  });

  test("a process that ended before the tickets were in order does that when it starts", async () => {
    const test = await home();
    const { stores, mergeAndSplit } = test.system;
    const [first, second] = await twoTickets(test);
    const merged = await mergeAndSplit.merge(first.issueIds[0] ?? "", second.issueIds[0] ?? "", WHO);
    const rule = merged.kind === "done" ? merged.rules[0] : undefined;
    if (rule === undefined) throw new Error("not merged");
    // As it would be found after a kill between the two steps.
    await stores.taughtRules.add({ ...rule, settled: false });
    await stores.tickets.update(first.id, () => ({ state: "open", closedAt: null, reason: "" }));
    await stores.tickets.update(second.id, () => ({ issueIds: second.issueIds }));
    await mergeAndSplit.settle();
    await mergeAndSplit.settle();
    expect(await test.ticket(first.id)).toMatchObject({ state: "dismissed" });
    expect((await test.ticket(second.id)).issueIds).toEqual([...second.issueIds, ...first.issueIds]);
  });
});

describe("split", () => {
  const variant = (caller: string, id?: string) => {
    const event = of("shared", id === undefined ? {} : { id });
    const frames = [...event.exception.frames, { file: "src/greet.js", function: caller, line: 9, inApp: true }];
    return { ...event, exception: { ...event.exception, frames } };
  };

  test("stands: Events of that variant are an Issue of their own, with a run of its own; undone, they come back", async () => {
    const { system, take } = await home();
    const { mergeAndSplit, stores } = system;
    const whole = await take(variant("web", "a".repeat(32)));
    expect(await take(variant("cron", "b".repeat(32)))).toBe(whole);
    const variants = await mergeAndSplit.variants(whole);
    expect(variants).toHaveLength(2);
    expect(await mergeAndSplit.split(whole, { eventId: "f".repeat(32) }, WHO)).toMatchObject({
      refusal: { code: "eventNotFound" },
    });
    const result = await mergeAndSplit.split(whole, { eventId: "b".repeat(32) }, WHO);
    const off = await take(variant("cron"));
    expect(result).toMatchObject({ kind: "done", issueId: off });
    expect(off).not.toBe(whole);
    expect(await take(variant("web"))).toBe(whole);
    expect((await stores.issues.get(off))?.fingerprint.why).toContain(`split from issue ${whole} by ann`);
    expect((await stores.debounce.open()).flatMap(({ issueIds }) => issueIds)).toContain(off);
    // By its hash it is the same rule.
    const strict = variants.find(({ eventId }) => eventId === "b".repeat(32))?.strict ?? "";
    expect(await mergeAndSplit.split(whole, { strict }, WHO)).toMatchObject({ issueId: off });
    expect(await stores.taughtRules.list()).toHaveLength(1);
    // Merged back, it is split no more.
    await mergeAndSplit.merge(off, whole, WHO);
    expect(await take(variant("cron"))).toBe(whole);
    expect(await stores.issues.get(off)).toMatchObject({ mergedInto: whole });
  });
});
