import { describe, expect, it, onTestFinished } from "vitest";
import { uuidFrom } from "../../../src/domain/ids.ts";
import { suppressIssue, unsuppressIssue } from "../../../src/domain/suppressIssue.ts";
import { attentionReasonOf } from "../../../src/ingest/digest/attentionReason.ts";
import { createDigester } from "../../../src/ingest/digest/digest.ts";
import { openEmbeddedStores } from "../../../src/store/embedded.ts";
import { buildEvent } from "../../helpers/eventBuilder.ts";
import { testSystem, tinyCrash } from "../../helpers/system.ts";
import { tempFolder } from "../../helpers/tempFolder.ts";
import { testClock } from "../../helpers/testClock.ts";
import { BUILT_AT, buildTicket } from "../../helpers/ticketBuilder.ts";

describe("signalOf, around a suppression and a wait", () => {
  const closed = buildTicket({ state: "dismissed", closedAt: BUILT_AT });
  const quiet = buildTicket({
    state: "abstained",
    closedAt: BUILT_AT,
    waitsFor: { from: BUILT_AT, releasesBut: null },
  });
  const older = { from: BUILT_AT + 100, releasesBut: ["r1"] };
  const fixed = buildTicket({ state: "abstained", closedAt: BUILT_AT, waitsFor: older });
  const ended = (at: number) => ({ suppressed: false, suppressionEndedAt: at });
  const free = (release?: string) => ({ suppressed: false, suppressionEndedAt: null, release });
  it.each([
    ["the first event of a suppressed one", 1, null, 1, { suppressed: true, suppressionEndedAt: null }, null],
    ["the tenth of a suppressed one", 10, closed, 1, { suppressed: true, suppressionEndedAt: null }, null],
    ["the next one after it ended", 12, closed, 60, ended(BUILT_AT + 50), "suppressionEnded"],
    ["captured before it ended", 12, closed, 40, ended(BUILT_AT + 50), null],
    ["a ticket was closed since", 12, closed, 60, ended(BUILT_AT - 50), null],
    ["without a ticket", 12, null, 60, ended(BUILT_AT + 50), "suppressionEnded"],
    ["again after it had been quiet", 12, quiet, 1, free(), "claimOver"],
    ["an older release again", 12, fixed, 1, free("r1"), null],
    ["an event without a release", 12, fixed, 1, free(), null],
    ["a newer release", 12, fixed, 1, free("r2"), "claimOver"],
    ["an older release, when the wait is over", 12, fixed, 100, free("r1"), "claimOver"],
  ] as const)("%s", (_what, count, ticket, afterMs, around, expected) => {
    expect(attentionReasonOf(count, ticket, BUILT_AT + afterMs, around)).toBe(expected);
  });
});

describe("a suppressed Issue", () => {
  it("is counted and opens no window; its next event after the end does", async () => {
    const clock = testClock();
    const stores = await openEmbeddedStores(tempFolder(), clock);
    onTestFinished(() => stores.close());
    const ticket = (id: string) => stores.tickets.get(id);
    const digester = createDigester({ ...stores, clock, times: { debounceMs: 10, maxWaitMs: 20 }, ticket });
    const happen = async () => {
      clock.advance(1);
      await stores.spool.append([buildEvent({ receivedAt: clock.now() })]);
      await digester.digestPending();
      const windows = await stores.debounce.open();
      for (const window of windows) await stores.debounce.close(window, clock.now());
      return windows.length;
    };
    expect(await happen()).toBe(1);
    const [issue] = await stores.issues.list();
    const issueId = issue?.id ?? "";
    const id = uuidFrom("a suppression");
    await suppressIssue({ ...stores, clock }, { id, issueId, reason: "known", by: "ada", forMs: 1000 });
    for (let i = 0; i < 12; i += 1) expect(await happen()).toBe(0);
    expect((await stores.issues.get(issueId))?.count).toBe(13);
    clock.advance(1000);
    expect(await happen()).toBe(1);

    const second = uuidFrom("another suppression");
    await suppressIssue({ ...stores, clock }, { id: second, issueId, reason: "known", by: "ada", forMs: 1000 });
    expect(await happen()).toBe(0);
    await unsuppressIssue({ ...stores, clock }, second, "bob");
    expect(await happen()).toBe(1);
    const kinds = (await stores.audit.list()).map((entry) => entry.kind).reverse();
    expect(kinds).toEqual(["issue.suppressed", "issue.suppressed", "issue.unsuppressed"]);
  });

  it("comes from dismissing a ticket: the same Issue opens no other ticket until it expires", async () => {
    const t = await testSystem({
      brains: { coder: { name: "scripted", code: () => Promise.reject(new Error("no idea")) } },
      config: { claims: { suppressForMs: 1000 } },
    });
    const { stores } = t.system;
    const id = await t.crash(tinyCrash());
    await t.answer(id, { type: "dismiss", by: "ada", message: "by design" });
    const [held] = await stores.suppressions.list(t.clock.now());
    expect(held).toMatchObject({ reason: "by design", by: "ada", liftedAt: null });
    await t.crash(tinyCrash());
    expect(await stores.tickets.list()).toHaveLength(1);
    expect((await stores.audit.list()).map((entry) => entry.kind)).toContain("issue.skipped");
    t.clock.advance(1000);
    const again = await t.crash(tinyCrash());
    expect(await t.ticket(again)).toMatchObject({ state: "escalated" });
  });
});
