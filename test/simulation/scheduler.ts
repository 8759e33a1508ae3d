import { SelfhealError } from "../../src/domain/errors.ts";
import type { Random } from "./random.ts";
import type { Time } from "./time.ts";

/** One start of the program. What it does stops mattering when it is lost. */
export interface Life {
  readonly number: number;
  alive: boolean;
  /** Stopped as by SIGSTOP: nothing of it goes on, and it does not know. */
  stopped: boolean;
}

/** What an effect touches; a disk can fail. */
export type Kind = "disk" | "git" | "target" | "brain" | "self";

interface Effect {
  /** null: the outside, which outlives a process. */
  life: Life | null;
  kind: Kind;
  name: string;
  readyAt: number;
  apply: () => void;
  fail: (error: Error) => void;
}

/** Where a process is lost: at its n-th effect from now (from 1), before or after it took place. */
export interface CrashPoint {
  effects: number;
  when: "before" | "after";
}

/**
 * Every effect of the world waits here until it is its turn, and the schedule's own draws say whose turn it is. An effect
 * takes place in one step, and only then does its caller hear of it; a lost process hears of nothing.
 */
export interface Scheduler {
  effect<T>(life: Life | null, kind: Kind, name: string, apply: () => T, delayMs?: number): Promise<T>;
  /** Lets one effect take place. false: none is ready. */
  step(options?: { timers: boolean }): Promise<boolean>;
  /** Whether an effect could take place now. */
  isReady(): boolean;
  /** Lets everything that needs no effect go on. */
  settle(): Promise<void>;
  /** When the next effect that waits for its time is ready, on the monotonic clock. */
  nextReadyAt(): number | null;
  crashAt(point: CrashPoint | null): void;
  /** So many of the next writes to the disk fail. */
  failWrites(count: number): void;
  /** The process is gone, now. */
  lose(life: Life): void;
  /** How many effects took place. */
  readonly count: number;
}

export interface SchedulerDeps {
  random: Random;
  time: Time;
  /** Told what takes place. */
  note: (line: string) => void;
  onLost: (life: Life) => void;
}

export function createScheduler({ random, time, note, onLost }: SchedulerDeps): Scheduler {
  const waiting: Effect[] = [];
  let count = 0;
  let crash: CrashPoint | null = null;
  let failing = 0;

  const lose = (life: Life) => {
    if (!life.alive) return;
    life.alive = false;
    crash = null;
    for (let i = waiting.length - 1; i >= 0; i -= 1) if (waiting[i]?.life === life) waiting.splice(i, 1);
    note(`process ${life.number} is lost`);
    onLost(life);
  };

  const isReady = ({ life, readyAt }: Effect) => readyAt <= time.monotonic() && life?.stopped !== true;

  /** Whether the process is lost at this effect, and on which side of it. */
  const crashHere = (effect: Effect): CrashPoint["when"] | null => {
    if (crash === null || effect.life === null) return null;
    crash = { ...crash, effects: crash.effects - 1 };
    return crash.effects <= 0 ? crash.when : null;
  };

  const takePlace = (effect: Effect): void => {
    const lost = crashHere(effect);
    if (lost !== null && effect.life !== null) {
      if (lost === "after") say(effect, "");
      if (lost === "after") effect.apply();
      lose(effect.life);
      return;
    }
    if (effect.kind === "disk" && failing > 0) {
      failing -= 1;
      say(effect, " fails");
      effect.fail(new SelfhealError("storage", `cannot write ${effect.name}: no space left on device`));
      return;
    }
    say(effect, "");
    effect.apply();
  };

  const say = ({ life, name }: Effect, how: string) =>
    note(`${life === null ? "outside" : `process ${life.number}`}: ${name}${how}`);

  return {
    effect: (life, kind, name, apply, delayMs = 0) =>
      new Promise((resolve, reject) => {
        if (life !== null && !life.alive) return;
        const readyAt = time.monotonic() + delayMs;
        const act = () => {
          try {
            const value = apply();
            // A process that was lost at this very effect never hears of it.
            queueMicrotask(() => life?.alive !== false && resolve(value));
          } catch (error) {
            reject(error);
          }
        };
        waiting.push({ life, kind, name, readyAt, apply: act, fail: reject });
      }),
    async step({ timers } = { timers: true }) {
      if (timers) time.fireDue();
      const ready = waiting.filter(isReady);
      const effect = ready[random.below(ready.length)];
      if (effect === undefined) return false;
      waiting.splice(waiting.indexOf(effect), 1);
      count += 1;
      takePlace(effect);
      return true;
    },
    isReady: () => waiting.some(isReady),
    settle: settled,
    nextReadyAt: () => {
      const later = waiting.filter(({ life }) => life?.stopped !== true).map(({ readyAt }) => readyAt);
      return later.length === 0 ? null : Math.min(...later);
    },
    crashAt: (point) => {
      crash = point;
    },
    failWrites: (more) => {
      failing = more;
    },
    lose,
    get count() {
      return count;
    },
  };
}

function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
