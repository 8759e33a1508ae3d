import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { innermostOf, linkedTo, originOf, type TraceEvent } from "../../src/domain/trace.ts";

const of = (service: string, at: number, more: Partial<TraceEvent> = {}): TraceEvent => ({
  traceId: "t",
  eventId: `${service} ${at}`,
  issueId: `issue ${service}`,
  service,
  spanId: null,
  parentSpanId: null,
  at,
  receivedAt: at,
  trustTier: "T1",
  ...more,
});

describe("the innermost exception of a trace", () => {
  test.each<[string, TraceEvent[], string | null]>([
    ["of one service is none", [of("web", 1), of("web", 2)], null],
    [
      "is the one that failed first: a caller fails after whom it called",
      [of("web", 3), of("api", 2), of("db", 1)],
      "db",
    ],
    [
      "is the called one, whatever the clocks say",
      [of("web", 1, { spanId: "a" }), of("api", 9, { spanId: "b", parentSpanId: "a" })],
      "api",
    ],
    ["is not what a public key sent, where there is another", [of("web", 1, { trustTier: "T0" }), of("api", 2)], "api"],
    ["is that, where all are", [of("web", 1, { trustTier: "T0" }), of("shop", 2, { trustTier: "T0" })], "web"],
    [
      "is some one, where spans call each other in a circle",
      [of("a", 1, { spanId: "1", parentSpanId: "2" }), of("b", 2, { spanId: "2", parentSpanId: "1" })],
      "a",
    ],
  ])("%s", (_what, trace, service) => {
    expect(innermostOf(trace)?.service ?? null).toBe(service);
  });
});

describe("the origin of an Issue", () => {
  test("is where most of its traces begin; Issues of other services in them are linked", () => {
    const traces = [
      [of("web", 3, { traceId: "1" }), of("db", 1, { traceId: "1" })],
      [of("web", 3, { traceId: "2" }), of("db", 1, { traceId: "2" }), of("api", 2, { traceId: "2" })],
      [of("web", 3, { traceId: "3" }), of("api", 1, { traceId: "3" })],
      [of("web", 3, { traceId: "4" })],
    ].flat();
    expect(originOf(traces)).toEqual({ service: "db", issueId: "issue db", traces: 2 });
    expect(linkedTo("issue web", "web", traces)).toEqual([
      { issueId: "issue api", service: "api", traces: 2 },
      { issueId: "issue db", service: "db", traces: 2 },
    ]);
    expect(originOf([of("web", 1)])).toBeNull();
  });

  test("depends on neither order nor repetition", () => {
    const event = fc.record({
      service: fc.constantFrom("web", "api", "db"),
      at: fc.nat(5),
      traceId: fc.constantFrom("1", "2"),
      spanId: fc.option(fc.constantFrom("a", "b", "c")),
      parentSpanId: fc.option(fc.constantFrom("a", "b", "c")),
      trustTier: fc.constantFrom("T0" as const, "T1" as const),
    });
    const events = fc
      .uniqueArray(event, { maxLength: 10, selector: (one) => JSON.stringify(one) })
      .map((list) => list.map((one) => of(one.service, one.at, { ...one, eventId: JSON.stringify(one) })));
    fc.assert(
      fc.property(events, (list) => {
        const origin = originOf(list);
        expect(originOf([...list.toReversed(), ...list])).toEqual(origin);
        expect(linkedTo("issue web", "web", [...list.toReversed(), ...list])).toEqual(
          linkedTo("issue web", "web", list),
        );
        if (origin !== null) expect(list.map(({ issueId }) => issueId)).toContain(origin.issueId);
      }),
      { numRuns: 1000 },
    );
  });
});
