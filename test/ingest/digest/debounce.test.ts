import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { DebounceWindow } from "../../../src/domain/issue.ts";
import { attentionReasonOf } from "../../../src/ingest/digest/attentionReason.ts";
import { extendWindow, isDue } from "../../../src/ingest/digest/debounce.ts";
import { BUILT_AT, buildTicket } from "../../helpers/ticketBuilder.ts";

const signal = (issueId: string) => ({ project: "p", service: "s", issueId });
const TIMES = { debounceMs: 60, maxWaitMs: 600 };

describe("extendWindow", () => {
  test("opens, extends, and never past the longest wait", () => {
    const opened = extendWindow(null, signal("a"), 1000, TIMES);
    expect(opened).toEqual({ project: "p", service: "s", issueIds: ["a"], openedAt: 1000, lastAt: 1000, dueAt: 1060 });
    const second = extendWindow(opened, signal("b"), 1050, TIMES);
    expect(second).toMatchObject({ issueIds: ["a", "b"], openedAt: 1000, lastAt: 1050, dueAt: 1110 });
    expect(extendWindow(second, signal("a"), 1590, TIMES)).toMatchObject({ issueIds: ["a", "b"], dueAt: 1600 });
    expect(isDue(opened, 1059)).toBe(false);
    expect(isDue(opened, 1060)).toBe(true);
  });

  test("is due at once when it holds as many issues as it may", () => {
    const capped = { ...TIMES, maxBatchIssues: 2 };
    const one = extendWindow(null, signal("a"), 1000, capped);
    expect(extendWindow(one, signal("a"), 1010, capped)).toMatchObject({ dueAt: 1070 });
    const full = extendWindow(one, signal("b"), 1010, capped);
    expect(isDue(full, 1010)).toBe(true);
    expect(isDue(extendWindow(full, signal("c"), 1020, capped), 1020)).toBe(true);
    expect(isDue(extendWindow(null, signal("a"), 1000, { ...TIMES, maxBatchIssues: 1 }), 1000)).toBe(true);
  });

  test("a clock that is set back changes nothing that was", () => {
    const opened = extendWindow(null, signal("a"), 1000, TIMES);
    expect(extendWindow(opened, signal("b"), 500, TIMES)).toMatchObject({ openedAt: 1000, lastAt: 1000, dueAt: 1060 });
  });
});

/** Signals and looks at the clock, in any order, as the pump would make them. */
const steps = fc.array(
  fc.record({
    afterMs: fc.oneof(fc.nat(5), fc.nat(200)),
    issue: fc.option(fc.constantFrom("a", "b", "c", "d"), { nil: null }),
  }),
  { maxLength: 80 },
);
const times = fc.record({ debounceMs: fc.nat(100), maxWaitMs: fc.nat(400) });

test("never later than the longest wait, never earlier than the quiet time unless for it, and no Issue is lost", () => {
  fc.assert(
    fc.property(steps, times, (script, given) => {
      let now = 10_000;
      let window: DebounceWindow | null = null;
      let lastSignalAt = 0;
      const signalled: string[] = [];
      const batched: string[] = [];
      for (const { afterMs, issue } of script) {
        now += afterMs;
        if (issue !== null) {
          window = extendWindow(window, signal(issue), now, given);
          lastSignalAt = now;
          if (!signalled.includes(issue)) signalled.push(issue);
        }
        if (window === null) continue;
        expect(window.dueAt).toBeLessThanOrEqual(window.openedAt + given.maxWaitMs);
        const quietEnough: boolean = now >= lastSignalAt + given.debounceMs;
        const waitedLongest: boolean = now >= window.openedAt + given.maxWaitMs;
        expect(isDue(window, now)).toBe(quietEnough || waitedLongest);
        if (isDue(window, now)) {
          batched.push(...window.issueIds);
          window = null;
        }
      }
      expect([...new Set([...batched, ...(window?.issueIds ?? [])])].toSorted()).toEqual(signalled.toSorted());
    }),
  );
});

describe("signalOf", () => {
  const healed = buildTicket({ state: "healed", closedAt: BUILT_AT });
  const after = BUILT_AT + 1;
  test.each([
    ["the first event", 1, null, after, "newFamily"],
    ["a second one", 2, null, after, null],
    ["the tenth", 10, null, after, "count"],
    ["the eleventh", 11, null, after, null],
    ["the thousandth", 1000, null, after, "count"],
    ["with an open ticket", 10, buildTicket({ state: "coding" }), after, null],
    ["waiting for a person", 100, buildTicket({ state: "awaitingApproval" }), after, null],
    ["again after it healed", 12, healed, after, "regression"],
    ["from before it healed", 12, healed, BUILT_AT - 1, null],
    ["again after it was abstained from", 12, buildTicket({ state: "abstained", closedAt: BUILT_AT }), after, null],
    ["ten times more after that", 100, buildTicket({ state: "abstained", closedAt: BUILT_AT }), after, "count"],
    ["dismissed, and again", 13, buildTicket({ state: "dismissed", closedAt: BUILT_AT }), after, null],
  ] as const)("%s", (_what, count, ticket, receivedAt, expected) => {
    expect(attentionReasonOf(count, ticket, receivedAt)).toBe(expected);
  });
});
