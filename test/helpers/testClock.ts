import type { Clock } from "../../src/domain/ports/clock.ts";
import { BUILT_AT } from "./ticketBuilder.ts";

/** A clock that stands still until it is moved. */
export interface TestClock extends Clock {
  advance(ms: number): void;
}

/** Starts at BUILT_AT unless told otherwise. */
export function testClock(start = BUILT_AT): TestClock {
  let now = start;
  return {
    now: () => now,
    advance: (ms) => {
      now += ms;
    },
  };
}
