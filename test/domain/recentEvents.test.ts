import { describe, expect, it } from "vitest";
import { activityOf, activitySince, barsOf } from "../../src/domain/recentEvents.ts";

const MINUTE = 60_000;
const NOW = 1_000_000 * MINUTE + 30_000;

describe("activity", () => {
  it("adds up the minutes of the last hour, of several Issues", () => {
    const start = 1_000_000 * MINUTE;
    const rows = [
      { at: start, events: 3 },
      { at: start, events: 2 },
      { at: start - 59 * MINUTE, events: 7 },
      { at: start - 60 * MINUTE, events: 100 },
    ];
    const { minutes } = activityOf(rows, [], NOW);
    expect(minutes).toHaveLength(60);
    expect([minutes[0], minutes[59], minutes.reduce((a, b) => a + b)]).toEqual([7, 5, 12]);
    expect(activitySince(NOW)).toBe(start - 59 * MINUTE);
  });

  it("joins releases, the one seen last first", () => {
    const of = (release: string, firstSeen: number, lastSeen: number, events: number) => ({
      release,
      firstSeen,
      lastSeen,
      events,
    });
    expect(activityOf([], [of("a", 5, 9, 1), of("b", 1, 20, 2), of("a", 2, 7, 3)], NOW).releases).toEqual([
      of("b", 1, 20, 2),
      of("a", 2, 9, 4),
    ]);
  });

  it.each([
    [[0, 1, 8], "·▁█"],
    [[0, 0], "··"],
    [[1000, 1, 500], "█▁▄"],
  ])("%j as bars", (minutes, bars) => {
    expect(barsOf(minutes)).toBe(bars);
  });
});
