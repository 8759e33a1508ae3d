import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { culpritsOf, revertOf, type Suspect } from "../../../src/agents/planner/rankSuspectCommits.ts";

const HOUR = 3_600_000;
const SEEN = 1000 * HOUR;
const suspect = (more: Partial<Suspect> & { hoursBefore?: number } = {}): Suspect => ({
  info: {
    commit: more.hoursBefore?.toString() ?? "c",
    author: "a",
    at: SEEN - (more.hoursBefore ?? 1) * HOUR,
    subject: "s",
  },
  wroteLine: true,
  inCrashedRelease: true,
  inGoodRelease: false,
  ...more,
});

describe("suspects", () => {
  it.each<[string, Partial<Suspect> & { hoursBefore?: number }, number | null, string]>([
    [
      "a fresh commit of the line, after a good release",
      {},
      100,
      "wrote the crashing line, in the day before it was first seen, after the last release without it",
    ],
    [
      "no good release is known",
      { inGoodRelease: null },
      80,
      "wrote the crashing line, in the day before it was first seen",
    ],
    ["an old commit of the line", { hoursBefore: 48, inGoodRelease: null }, 50, "wrote the crashing line"],
    [
      "a fresh commit of the file",
      { wroteLine: false, inGoodRelease: null },
      30,
      "touched a file of the stack, in the day before it was first seen",
    ],
    ["a release without the exception holds it", { inGoodRelease: true }, null, ""],
    ["the crashed release does not hold it", { inCrashedRelease: false }, null, ""],
    ["it came after the exception", { hoursBefore: -1 }, null, ""],
  ])("%s", (_what, more, score, why) => {
    const found = culpritsOf([suspect(more)], SEEN);
    expect(found.map((c) => [c.score, c.why])).toEqual(score === null ? [] : [[score, why]]);
  });

  it("are ordered by their score", () => {
    const all = [suspect({ wroteLine: false, hoursBefore: 2 }), suspect({ hoursBefore: 3 })];
    expect(culpritsOf(all, SEEN).map((c) => c.commit)).toEqual(["3", "2"]);
  });
});

describe("what is taken back", () => {
  it.each<[string, Partial<Suspect> & { hoursBefore?: number }, boolean | null]>([
    ["first, where a release before it is known to be good", {}, true],
    ["last, where none is known", { inGoodRelease: null, inCrashedRelease: null }, false],
    ["nothing that is older than a day", { hoursBefore: 25 }, null],
    ["nothing that did not write the line", { wroteLine: false }, null],
    ["nothing that a good release holds", { inGoodRelease: true }, null],
  ])("%s", (_what, more, first) => {
    expect(revertOf([suspect(more)], SEEN)?.first ?? null).toBe(first);
  });

  it("is always a suspect", () => {
    const known = fc.constantFrom(true, false, null);
    const any = fc.record({
      hours: fc.integer({ min: -50, max: 50 }),
      wroteLine: fc.boolean(),
      inCrashedRelease: known,
      inGoodRelease: known,
    });
    fc.assert(
      fc.property(fc.array(any, { maxLength: 5 }), (given) => {
        const suspects = given.map(({ hours, ...more }, i) =>
          suspect({
            ...more,
            hoursBefore: hours,
            info: { commit: String(i), author: "", at: SEEN - hours * HOUR, subject: "" },
          }),
        );
        const revert = revertOf(suspects, SEEN);
        if (revert !== undefined) expect(culpritsOf(suspects, SEEN).map((c) => c.commit)).toContain(revert.commit);
      }),
    );
  });
});
