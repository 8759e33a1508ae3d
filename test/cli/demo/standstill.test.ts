import { expect, it } from "vitest";
import { createWatchman } from "../../../src/cli/demo/standstill.ts";
import { testClock } from "../../helpers/testClock.ts";

const MINUTE = 60_000;

it("waits as long as there is headway, however long that takes, and says when there is none", () => {
  const clock = testClock();
  const watchman = createWatchman(clock);
  const a = { id: "a", updatedAt: 1 };
  for (let minute = 0; minute < 60; minute += 4) {
    watchman.look([a, { id: "b", updatedAt: minute }]);
    clock.advance(4 * MINUTE);
    expect(watchman.standstill()).toBeNull();
  }
  watchman.look([a, { id: "b", updatedAt: 56 }, { id: "c", updatedAt: 2 }]);
  clock.advance(5 * MINUTE);
  // The same in another order is no headway.
  watchman.look([{ id: "c", updatedAt: 2 }, a, { id: "b", updatedAt: 56 }]);
  expect(watchman.standstill()).toBeNull();
  clock.advance(1);
  expect(watchman.standstill()).toBe("No ticket was opened or changed for 5 minutes: the demo ends here.");
});

it("gives the first ticket the same time", () => {
  const clock = testClock();
  const watchman = createWatchman(clock);
  watchman.look([]);
  clock.advance(5 * MINUTE);
  expect(watchman.standstill()).toBeNull();
  clock.advance(1);
  expect(watchman.standstill()).toMatch(/5 minutes/);
});
