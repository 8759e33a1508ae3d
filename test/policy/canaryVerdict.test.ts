import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  CANARY_BEGINNING,
  Canary,
  type CanaryReading,
  counted,
  CanaryReading as Reading,
} from "../../src/domain/canary.ts";
import { type CanarySeen, errorEvidence, judgeCanary } from "../../src/policy/canaryVerdict.ts";

const rules = Canary.parse({ command: "c", metricsCommand: "m" });
const counts = (canary: [number, number], baseline: [number, number]): CanaryReading => ({
  canary: { requests: canary[0], errors: canary[1] },
  baseline: { requests: baseline[0], errors: baseline[1] },
});
const good: CanarySeen = {
  watchedMs: rules.windowMs,
  counted: counts([500, 2], [5000, 25]),
  unread: null,
  unwell: null,
  recurrences: 0,
};

describe("judgeCanary", () => {
  it.each<[string, Partial<CanarySeen>, string, RegExp]>([
    ["all is well", {}, "healthy", /2 of 500 requests failed, 25 of 5000 on the baseline/],
    ["the window is not over", { watchedMs: rules.windowMs - 1 }, "inconclusive", /window is not over/],
    ["few requests", { counted: counts([99, 0], [5000, 0]) }, "inconclusive", /99 of 100 requests on the canary/],
    [
      "few on the baseline",
      { counted: counts([500, 0], [99, 0]) },
      "inconclusive",
      /99 of 100 requests on the baseline/,
    ],
    ["no traffic", { counted: counts([0, 0], [0, 0]) }, "inconclusive", /too little traffic/],
    ["no traffic, for long", { counted: counts([0, 0], [0, 0]), watchedMs: 1e12 }, "inconclusive", /too little/],
    ["worse, but not proven", { counted: counts([100, 2], [5000, 25]) }, "inconclusive", /not yet proven/],
    ["worse", { counted: counts([100, 10], [5000, 25]) }, "unhealthy", /10 of 100 requests failed/],
    ["worse at once", { counted: counts([10, 6], [90, 0]), watchedMs: 1 }, "unhealthy", /6 of 10/],
    ["worse than a bad baseline", { counted: counts([40, 30], [360, 90]) }, "unhealthy", /30 of 40/],
    ["as bad as the baseline", { counted: counts([500, 250], [5000, 2500]) }, "healthy", /./],
    ["better", { counted: counts([500, 0], [5000, 2500]) }, "healthy", /./],
    ["unwell", { unwell: "answered 500" }, "unhealthy", /answered 500/],
    ["the exception came back", { recurrences: 1 }, "unhealthy", /came back 1 time/],
    ["unreadable", { unread: "nobody answered" }, "inconclusive", /nobody answered/],
    ["unreadable, and unwell", { unread: "nobody answered", unwell: "down" }, "unhealthy", /down/],
  ])("%s", (_what, change, verdict, reason) => {
    expect(judgeCanary(rules, { ...good, ...change })).toEqual({ verdict, reason: expect.stringMatching(reason) });
  });

  const side = fc
    .tuple(fc.integer({ min: 0, max: 5000 }), fc.double({ min: 0, max: 1, noNaN: true }))
    .map(([requests, share]) => ({ requests, errors: Math.floor(requests * share) }));
  const seen = fc.record({
    watchedMs: fc.integer({ min: 0, max: 2 * rules.windowMs }),
    counted: fc.record({ canary: side, baseline: side }),
    unread: fc.constantFrom(null, "unread"),
    unwell: fc.constantFrom(null, null, "down"),
    recurrences: fc.constantFrom(0, 0, 1),
  });
  const RANK = { healthy: 0, inconclusive: 1, unhealthy: 2 };
  const rank = (s: CanarySeen) => RANK[judgeCanary(rules, s).verdict];

  it("is never healthy before the window is over, with too little traffic, or without figures", () => {
    fc.assert(
      fc.property(seen, (s) => {
        const { canary, baseline } = s.counted;
        const early = s.watchedMs < rules.windowMs || s.unread !== null;
        const little = Math.min(canary.requests, baseline.requests) < rules.minRequests;
        return !(early || little) || judgeCanary(rules, s).verdict !== "healthy";
      }),
      { numRuns: 2000 },
    );
  });

  it("never gets better by more errors, nor worse by more errors of the baseline", () => {
    const more = fc.integer({ min: 1, max: 50 });
    fc.assert(
      fc.property(seen, more, (s, n) => {
        const { canary, baseline } = s.counted;
        const plus = (c: typeof canary) => ({ ...c, errors: Math.min(c.requests, c.errors + n) });
        const worse = rank({ ...s, counted: { canary: plus(canary), baseline } });
        const fairer = rank({ ...s, counted: { canary, baseline: plus(baseline) } });
        return worse >= rank(s) && fairer <= rank(s);
      }),
      { numRuns: 2000 },
    );
  });
});

/** Numbers that are the same in every run (Marsaglia's xorshift32). */
function random(seed: number): () => number {
  let x = seed;
  return () => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return (x >>> 0) / 2 ** 32;
  };
}

/** Canary requests until the test says "worse", looked at after every fifth; null when it never does. */
function until(next: () => number, share: { canary: number; baseline: number }, ratio: number, max: number) {
  const now = counts([0, 0], [0, 0]);
  while (now.canary.requests < max) {
    for (let i = 0; i < 5; i += 1) {
      now.canary.requests += 1;
      if (next() < share.canary) now.canary.errors += 1;
      now.baseline.requests += ratio;
      for (let j = 0; j < ratio; j += 1) if (next() < share.baseline) now.baseline.errors += 1;
    }
    if (errorEvidence(now, rules.maxErrorShareIncrease) >= Math.log(1 / rules.alpha)) return now.canary.requests;
  }
  return null;
}

describe("the sequential test", () => {
  it("says worse of an equal share no more often than alpha, though it looks 200 times", () => {
    let [alarms, runs] = [0, 0];
    const next = random(7);
    // The last one lies on the bound itself: there the chance of a mistake is greatest.
    for (const [canary, baseline] of [
      [0.005, 0.005],
      [0.05, 0.05],
      [0.3, 0.3],
      [0.025, 0.02],
    ] as const)
      for (let i = 0; i < 150; i += 1) {
        runs += 1;
        if (until(next, { canary, baseline }, 4, 1000) !== null) alarms += 1;
      }
    console.info(`false alarms: ${alarms} of ${runs}`);
    expect(alarms / runs).toBeLessThanOrEqual(rules.alpha);
  });

  it.each([1, 9])("finds 10 percent after half a percent soon, with %i baseline requests a canary request", (ratio) => {
    const next = random(11);
    const needed = Array.from(
      { length: 101 },
      () => until(next, { canary: 0.1, baseline: 0.005 }, ratio, 2000) ?? 9999,
    );
    const median = needed.sort((a, b) => a - b)[50] ?? 9999;
    console.info(
      `0.5 % → 10 %, 1:${ratio}: found after a median of ${median} canary requests, at most ${needed.at(-1)}`,
    );
    expect(median).toBeLessThanOrEqual(331);
    expect(needed.at(-1)).toBeLessThan(2000);
  });

  it("is at most 1 on average under equal shares, counted out over everything that may be seen", () => {
    const n = 12;
    for (const p of [0.01, 0.2, 0.5]) {
      let mean = 0;
      for (let c = 0; c <= n; c += 1)
        for (let b = 0; b <= n; b += 1) {
          const chance = choose(n, c) * choose(n, b) * p ** (c + b) * (1 - p) ** (2 * n - c - b);
          mean += chance * Math.exp(errorEvidence(counts([n, c], [n, b]), 0));
        }
      expect(mean).toBeLessThanOrEqual(1);
      expect(mean).toBeGreaterThan(0);
    }
  });
});

function choose(n: number, k: number): number {
  let out = 1;
  for (let i = 0; i < k; i += 1) out = (out * (n - i)) / (i + 1);
  return out;
}

describe("counted", () => {
  const zero = { counters: null, counted: CANARY_BEGINNING.counted };
  it("begins with the first reading, wherever its counters are", () => {
    expect(counted(zero, counts([7000, 70], [90000, 9]))).toEqual(counts([0, 0], [0, 0]));
    const first = { counters: counts([7000, 70], [90000, 9]), counted: zero.counted };
    expect(counted(first, counts([7010, 71], [90100, 9]))).toEqual(counts([10, 1], [100, 0]));
  });
  it("takes a counter that went down for one that was started anew", () => {
    const before = { counters: counts([100, 5], [1000, 5]), counted: counts([40, 2], [400, 1]) };
    expect(counted(before, counts([3, 1], [1001, 5]))).toEqual(counts([43, 3], [401, 1]));
  });
  it("never has more errors than requests", () => {
    const before = { counters: counts([100, 0], [0, 0]), counted: counts([0, 0], [0, 0]) };
    expect(counted(before, counts([101, 9], [0, 0])).canary).toEqual({ requests: 1, errors: 1 });
    expect(Reading.safeParse(counts([1, 2], [0, 0])).success).toBe(false);
  });
});
