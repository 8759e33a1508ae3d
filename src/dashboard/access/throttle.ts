import type { Clock } from "../../domain/ports/clock.ts";

/** Wrong credentials that are let through before the first wait. */
const FREE_FAILURES = 10;
const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 300_000;
/** After so long without a wrong credential an address or an account starts anew. */
const FORGET_MS = 900_000;
/** The most addresses and accounts that are remembered; the ones that failed longest ago are forgotten first. */
const MAX_ENTRIES = 10_000;

/** Who presents a credential. */
export interface Attempt {
  /** The client's address, as far as the network reveals it. */
  address: string;
  /** What the credential claims to belong to, such as the id of a token; null: it names nothing. */
  account: string | null;
}

/** Slows down guessing. One instance guards every way to present a credential. */
export interface Throttle {
  /** How long this attempt must wait, in milliseconds; 0: the credential may be checked. */
  waitMs(attempt: Attempt): number;
  /** Counts a wrong credential. Returns true when a wait begins because of it. */
  failed(attempt: Attempt): boolean;
  /** Wrong credentials since the process started, and attempts that were turned away unchecked. */
  counts(): { failed: number; turnedAway: number };
}

interface Failures {
  count: number;
  lastAt: number;
  blockedUntil: number;
}

/**
 * Exponential back-off per address and per account, in memory. After ten free failures the wait doubles from one second
 * to five minutes. A success resets nothing: whoever holds one good token must not be able to buy new guesses. An
 * account that is guessed at from many addresses is closed only to addresses that failed before, so its owner gets in
 * from an address of their own.
 */
export function createThrottle({ clock }: { clock: Clock }): Throttle {
  const known = new Map<string, Failures>();
  const counts = { failed: 0, turnedAway: 0 };

  const at = (key: string, now: number): Failures | undefined => {
    const found = known.get(key);
    if (found === undefined || now - found.lastAt < FORGET_MS) return found;
    known.delete(key);
    return undefined;
  };
  const note = (key: string, now: number): boolean => {
    const count = (at(key, now)?.count ?? 0) + 1;
    const over = count - FREE_FAILURES;
    const wait = over <= 0 ? 0 : Math.min(FIRST_WAIT_MS * 2 ** Math.min(over - 1, 20), LONGEST_WAIT_MS);
    // Deleted first, so that the newest failure is the last of the map.
    known.delete(key);
    known.set(key, { count, lastAt: now, blockedUntil: now + wait });
    return wait > 0;
  };
  const forgetOldest = () => {
    for (const key of known.keys()) {
      if (known.size <= MAX_ENTRIES) return;
      known.delete(key);
    }
  };
  return {
    waitMs({ address, account }) {
      const now = clock.now();
      const here = at(addressKey(address), now);
      const there = account === null || here === undefined ? undefined : at(accountKey(account), now);
      const until = Math.max(here?.blockedUntil ?? 0, there?.blockedUntil ?? 0);
      const wait = Math.max(0, until - now);
      if (wait > 0) counts.turnedAway += 1;
      return wait;
    },
    failed({ address, account }) {
      const now = clock.now();
      counts.failed += 1;
      const began = note(addressKey(address), now);
      const beganThere = account !== null && note(accountKey(account), now);
      forgetOldest();
      return began || beganThere;
    },
    counts: () => ({ ...counts }),
  };
}

function addressKey(address: string): string {
  return `address ${address.slice(0, 64)}`;
}

function accountKey(account: string): string {
  return `account ${account.slice(0, 64)}`;
}
