import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Candidate } from "../../src/repair/candidate.ts";
import { rivalCandidates, seenToDiffer } from "../../src/repair/rivalCandidates.ts";

const make = (score: number, effect: string, hides = false): Candidate => ({
  template: "t",
  edits: [],
  explanation: "",
  score,
  hides,
  effect,
});

describe("rivals", () => {
  const winner = make(80, "a");
  it.each([
    ["says the same", make(79, "a"), 0],
    ["says something else and is near", make(72, "b"), 1],
    ["is far less likely", make(69, "b"), 0],
    ["only hides", make(79, "b", true), 0],
    ["is more likely: it was tried before and did not hold", make(85, "b"), 0],
  ])("%s", (_what, other, count) => {
    expect(rivalCandidates(winner, [other, winner])).toHaveLength(count);
  });

  it("do not count where code that is there decided", () => {
    expect(rivalCandidates(make(92, "a"), [make(91, "b")])).toEqual([]);
  });

  it("are few, never the winner, and never of its effect", () => {
    const some = fc.array(
      fc.record({ score: fc.integer({ min: 0, max: 100 }), effect: fc.constantFrom("a", "b", "c") }),
    );
    fc.assert(
      fc.property(some, (list) => {
        const rivals = rivalCandidates(winner, [winner, ...list.map((c) => make(c.score, c.effect))]);
        expect(rivals.length).toBeLessThanOrEqual(4);
        expect(rivals.every((r) => r !== winner && r.effect !== winner.effect)).toBe(true);
      }),
    );
  });
});

describe("behaviour", () => {
  it.each([
    ["prints the same", "1 problem", "1 problem", 80, false],
    ["prints something else", "1 problem", "0 problems", 72, true],
    ["differs in how long it took", "ok in 12 ms", "ok in 13 ms", 80, false],
    ["prints nothing, and is near", "", "", 75, true],
    ["prints nothing, and is not near", "", "", 73, false],
    ["was not seen", undefined, undefined, 78, true],
  ])("%s", (_what, ours, theirs, score, differs) => {
    expect(seenToDiffer(make(80, "a"), make(score, "b"), { winner: ours, rival: theirs })).toBe(differs);
  });
});
