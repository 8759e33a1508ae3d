import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AutonomyOverride, EarningRule } from "../../src/domain/autonomy.ts";
import { Autonomy, type AutonomySetting } from "../../src/domain/service.ts";
import { Severity } from "../../src/domain/ticket.ts";
import type { TrackEntry } from "../../src/domain/trackRecord.ts";
import { earnedLevel, effectiveLevel, rank } from "../../src/policy/effectiveLevel.ts";

const OFF: EarningRule = { enabled: false, heldInARow: 2, windowMs: 100, upTo: "full" };
const ON: EarningRule = { ...OFF, enabled: true };

type Outcome = TrackEntry["outcome"];
const SIGNS: Record<string, Outcome> = { h: "held", r: "reverted", e: "edited", x: "rejected" };

/** `hhr`: held, held, reverted, one a millisecond from 1 on. */
function record(signs: string) {
  return [...signs].map((sign, i) => ({ outcome: SIGNS[sign] ?? "held", at: i + 1 }));
}

function override(level: Autonomy, severity: Severity | null = null, at = 0): AutonomyOverride {
  return { severity, level, by: "ada", at };
}

describe("the level of a ticket", () => {
  const split: AutonomySetting = { default: "supervised", critical: "full", low: "observe" };
  it.each<[string, AutonomySetting, AutonomyOverride[], Severity, Autonomy]>([
    ["one level for all", "assist", [], "high", "assist"],
    ["a severity that is named", split, [], "critical", "full"],
    ["another that is named", split, [], "low", "observe"],
    ["a severity that is not named has the default", split, [], "medium", "supervised"],
    ["an override lowers", "full", [override("observe")], "critical", "observe"],
    ["an override raises", "observe", [override("full")], "low", "full"],
    ["an override of one severity", "full", [override("assist", "high")], "high", "assist"],
    ["and of no other", "full", [override("assist", "high")], "low", "full"],
    ["the narrower override comes first", "full", [override("observe"), override("assist", "high")], "high", "assist"],
  ])("%s", (_, configured, overrides, severity, effective) => {
    const report = effectiveLevel({ configured, overrides, severity, entries: record("hhhh"), rule: OFF });
    expect(report).toMatchObject({ effective, earned: null });
  });

  it("an override is lowered by a revert that comes after it, not by an earlier one, and nothing rises above it", () => {
    const of = (signs: string, at: number) =>
      effectiveLevel({
        configured: "assist",
        overrides: [override("full", null, at)],
        severity: "high",
        entries: record(signs),
        rule: ON,
      }).effective;
    expect(of("r", 2)).toBe("full");
    expect(of("hr", 2)).toBe("supervised");
    expect(of("rhh", 0)).toBe("full");
    const held = { configured: "full" as const, severity: "high" as const, entries: record("hhhhhh"), rule: ON };
    expect(effectiveLevel({ ...held, overrides: [override("assist")] }).effective).toBe("assist");
  });
});

describe("the level that is earned", () => {
  it.each<[string, Autonomy, string, Autonomy, Autonomy]>([
    ["nothing happened yet", "supervised", "", "full", "supervised"],
    ["one held, two are wanted", "supervised", "h", "full", "supervised"],
    ["two held", "supervised", "hh", "full", "full"],
    ["one level at a time", "assist", "hh", "full", "supervised"],
    ["and the next needs as many again", "assist", "hhh", "full", "supervised"],
    ["then it rises", "assist", "hhhh", "full", "full"],
    ["never above upTo", "assist", "hhhhhh", "supervised", "supervised"],
    ["what is configured above upTo stays", "full", "hh", "assist", "full"],
    ["an edit begins the row anew", "supervised", "heh", "full", "supervised"],
    ["a rejection too", "supervised", "hxh", "full", "supervised"],
    ["neither takes what was earned", "supervised", "hhex", "full", "full"],
    ["a revert takes it", "supervised", "hhr", "full", "supervised"],
    ["all of it", "assist", "hhhhr", "full", "assist"],
    ["also below what is configured", "full", "r", "full", "supervised"],
    ["until as many held again", "full", "rh", "full", "supervised"],
    ["then it is back", "full", "rhh", "full", "full"],
  ])("%s", (_, configured, signs, upTo, level) => {
    expect(earnedLevel(configured, record(signs), { ...ON, upTo }).level).toBe(level);
  });

  it("wants them within the window", () => {
    const entries = [
      { outcome: "held", at: 0 },
      { outcome: "held", at: 100 },
    ] as const;
    expect(earnedLevel("supervised", entries, ON).level).toBe("supervised");
    expect(earnedLevel("supervised", entries, { ...ON, windowMs: 101 }).level).toBe("full");
  });
});

describe("whatever happened", () => {
  const level = fc.constantFrom(...Autonomy.options);
  const entries = fc.array(
    fc.record({
      outcome: fc.constantFrom<Outcome>("held", "held", "held", "held", "reverted", "edited", "rejected"),
      at: fc.integer({ min: 0, max: 500 }),
    }),
    { maxLength: 30 },
  );
  const rule = fc.record({
    enabled: fc.boolean(),
    heldInARow: fc.integer({ min: 1, max: 4 }),
    windowMs: fc.integer({ min: 1, max: 300 }),
    upTo: level,
  });
  const rankOf = (configured: Autonomy, list: Parameters<typeof earnedLevel>[1], r: EarningRule) =>
    rank(earnedLevel(configured, list, r).level);

  it("a revert at the end never raises, and leaves supervised at most", () => {
    fc.assert(
      fc.property(level, entries, rule, (configured, list, r) => {
        const after = rankOf(configured, [...list, { outcome: "reverted", at: 1000 }], r);
        expect(after).toBeLessThanOrEqual(rankOf(configured, list, r));
        expect(after).toBeLessThanOrEqual(rank("supervised"));
      }),
    );
  });

  it("one more that held, at any time, never lowers", () => {
    fc.assert(
      fc.property(level, entries, rule, fc.integer({ min: 0, max: 600 }), (configured, list, r, at) => {
        const with_ = rankOf(configured, [...list, { outcome: "held", at }], r);
        expect(with_).toBeGreaterThanOrEqual(rankOf(configured, list, r));
      }),
      { numRuns: 1000 },
    );
  });

  it("it is never above the higher of upTo and what is configured, and a higher configuration is no lower level", () => {
    fc.assert(
      fc.property(level, level, entries, rule, (a, b, list, r) => {
        expect(rankOf(a, list, r)).toBeLessThanOrEqual(Math.max(rank(a), rank(r.upTo)));
        const [low, high] = rank(a) <= rank(b) ? [a, b] : [b, a];
        expect(rankOf(low, list, r)).toBeLessThanOrEqual(rankOf(high, list, r));
      }),
      { numRuns: 1000 },
    );
  });

  it("without earning, nothing but the configuration and a person counts", () => {
    fc.assert(
      fc.property(level, entries, rule, fc.constantFrom(...Severity.options), (configured, list, r, severity) => {
        const input = { configured, overrides: [], severity, entries: list, rule: { ...r, enabled: false } };
        expect(effectiveLevel(input).effective).toBe(configured);
      }),
    );
  });
});
