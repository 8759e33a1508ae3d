import type { Clock } from "../../src/domain/ports/clock.ts";
import { BUILT_AT } from "../helpers/ticketBuilder.ts";

interface Timer {
  at: number;
  /** Whose it is: with a process that was lost, its timers are gone. */
  life: { alive: boolean };
  fire: () => void;
}

/** Two clocks, as a machine has them: one that people set, and one that only goes on. Timers are on the second. */
export interface Time extends Clock {
  /** Milliseconds that went by; never back. */
  monotonic(): number;
  /** Time goes by. */
  advance(ms: number): void;
  /** Somebody sets the clock; no time goes by. */
  jump(ms: number): void;
  /** Calls back once `ms` have gone by and `fireDue` is called; returns how to cancel it. */
  after(ms: number, life: { alive: boolean }, fire: () => void): () => void;
  fireDue(): void;
  /** When the next timer is due, on the monotonic clock. */
  nextTimer(): number | null;
}

export function createTime(): Time {
  let wall = BUILT_AT;
  let gone = 0;
  const timers = new Set<Timer>();
  const alive = () => [...timers].filter(({ life }) => life.alive).sort((a, b) => a.at - b.at);
  return {
    now: () => wall,
    monotonic: () => gone,
    advance: (ms) => {
      wall += ms;
      gone += ms;
    },
    jump: (ms) => {
      wall += ms;
    },
    after: (ms, life, fire) => {
      const timer = { at: gone + ms, life, fire };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    fireDue: () => {
      for (const timer of alive()) {
        if (timer.at > gone || !timers.delete(timer)) continue;
        timer.fire();
      }
    },
    nextTimer: () => alive()[0]?.at ?? null,
  };
}
