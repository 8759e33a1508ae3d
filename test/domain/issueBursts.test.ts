import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { burstsOf } from "../../src/domain/issueBursts.ts";

const RULE = { families: 3, withinMs: 10, holdMs: 100 };
const at = (...times: number[]) => times.map((firstSeen, i) => ({ id: `${firstSeen}-${i}`, firstSeen }));
const times = (bursts: readonly (readonly { firstSeen: number }[])[]) =>
  bursts.map((burst) => burst.map(({ firstSeen }) => firstSeen));

describe("a burst", () => {
  test.each<[string, number[], number[][]]>([
    ["is so many new families within the time", [0, 100, 105, 110], [[100, 105, 110]]],
    ["is no fewer", [0, 100, 105], []],
    ["is no slower", [0, 100, 105, 111], []],
    ["goes on as long as more come that close", [0, 100, 105, 110, 112, 118, 130], [[100, 105, 110, 112, 118]]],
    [
      "is one of several",
      [0, 100, 101, 102, 200, 201, 202],
      [
        [100, 101, 102],
        [200, 201, 202],
      ],
    ],
    ["needs a service that was known: its first seconds show what was there before", [100, 101, 102, 103], []],
    ["that long before", [90, 100, 101, 102], []],
  ])("%s: %j", (_what, given, expected) => {
    expect(times(burstsOf(at(...given), RULE))).toEqual(expected);
  });

  test("is none where the rule is off", () => {
    expect(burstsOf(at(0, 100, 100, 100), { ...RULE, families: 0 })).toEqual([]);
  });

  test("depends on neither order nor repetition, is a burst of itself, and no Issue is in two", () => {
    const issues = fc.array(fc.nat(60), { maxLength: 25 }).map((list) => at(...list));
    fc.assert(
      fc.property(issues, fc.integer({ min: 1, max: 5 }), (list, families) => {
        const rule = { ...RULE, families };
        const bursts = burstsOf(list, rule);
        expect(burstsOf([...list.toReversed(), ...list], rule)).toEqual(bursts);
        const ids = bursts.flat().map(({ id }) => id);
        expect(new Set(ids).size).toBe(ids.length);
        for (const burst of bursts) {
          const first = burst[0]?.firstSeen ?? 0;
          expect(burst.length).toBeGreaterThanOrEqual(families);
          expect(burstsOf([{ id: "before", firstSeen: first - 11 }, ...burst], rule)).toEqual(
            families === 1 ? expect.anything() : [burst],
          );
        }
      }),
      { numRuns: 500 },
    );
  });
});
