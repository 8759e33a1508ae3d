import { expect, it } from "vitest";
import { createStallDetector } from "../../../src/cli/demo/stallDetector.ts";
import { testClock } from "../../helpers/testClock.ts";

const MINUTE = 60_000;

it("waits as long as there is headway, however long that takes, and says when there is none", () => {
  const clock = testClock();
  const stallDetector = createStallDetector(clock);
  const a = { id: "a", updatedAt: 1 };
  for (let minute = 0; minute < 60; minute += 4) {
    stallDetector.look([a, { id: "b", updatedAt: minute }]);
    clock.advance(4 * MINUTE);
    expect(stallDetector.standstill()).toBeNull();
  }
  stallDetector.look([a, { id: "b", updatedAt: 56 }, { id: "c", updatedAt: 2 }]);
  clock.advance(5 * MINUTE);
  // The same in another order is no headway.
  stallDetector.look([{ id: "c", updatedAt: 2 }, a, { id: "b", updatedAt: 56 }]);
  expect(stallDetector.standstill()).toBeNull();
  clock.advance(1);
  expect(stallDetector.standstill()).toBe("No ticket was opened or changed for 5 minutes: the demo ends here.");
});

it("gives the first ticket the same time", () => {
  const clock = testClock();
  const stallDetector = createStallDetector(clock);
  stallDetector.look([]);
  clock.advance(5 * MINUTE);
  expect(stallDetector.standstill()).toBeNull();
  clock.advance(1);
  expect(stallDetector.standstill()).toMatch(/5 minutes/);
});
