import type { TrustTier } from "../../domain/event.ts";
import type { KeyOwner } from "./ingestKeys.ts";

/** Shares of one CPU core that Events may use, 0 to 1, over the last ten seconds. */
export interface CpuShares {
  /** Of one T0 key. */
  cpuSharePerPublicKey: number;
  /** Of all T0 keys together, so that ten public keys are not ten times as much. */
  cpuShareOfPublicKeys: number;
  /** Of one T1 or T2 key. */
  cpuSharePerSecretKey: number;
}

/** What each key's requests and Events have cost lately, and whether a key may go on. */
export interface CpuBudget {
  /** Books CPU time on an account, milliseconds. */
  book(account: string, costMs: number): void;
  /** The time to wait until a key may send again, milliseconds; null if it may send now. */
  waitFor(owner: Pick<KeyOwner, "keyId" | "tier" | "project">): number | null;
}

/** The window and its parts, milliseconds. */
const WINDOW_MS = 10_000;
const PART_MS = 500;
const PARTS = WINDOW_MS / PART_MS;

/** The account of what digesting costs. The stored Event names no key, so the keys of a project and tier share it. */
export function digestAccount({ project, trustTier }: { project: string; trustTier: TrustTier }): string {
  return `digest ${trustTier} ${project}`;
}

/** The account of a key's requests. */
export function keyAccount({ keyId, tier }: Pick<KeyOwner, "keyId" | "tier">): string {
  return `key ${tier} ${keyId}`;
}

/**
 * Creates the budget over a sliding window. A key is charged for its requests, and for digesting the Events of its
 * project and tier. `now` is in milliseconds and must never go back.
 */
export function createCpuBudget(shares: () => CpuShares, now: () => number = () => performance.now()): CpuBudget {
  /** What was spent in each part of the window, by account, the oldest part first. */
  let parts: { index: number; spent: Map<string, number> }[] = [];

  const current = (): Map<string, number> => {
    const index = Math.floor(now() / PART_MS);
    parts = parts.filter((part) => part.index > index - PARTS);
    const last = parts.at(-1);
    if (last?.index === index) return last.spent;
    const spent = new Map<string, number>();
    parts.push({ index, spent });
    return spent;
  };
  const add = (spent: Map<string, number>, account: string, costMs: number) =>
    spent.set(account, (spent.get(account) ?? 0) + costMs);

  /** The time until no more than `share` of the window is spent on the accounts; null if that is so now. */
  const waitUntilUnder = (share: number, accounts: readonly string[]): number | null => {
    current();
    const own = parts.map(({ index, spent }) => ({
      endsAt: (index + PARTS) * PART_MS,
      costMs: accounts.reduce((sum, account) => sum + (spent.get(account) ?? 0), 0),
    }));
    let total = own.reduce((sum, { costMs }) => sum + costMs, 0);
    let waitMs: number | null = null;
    for (const { endsAt, costMs } of own) {
      if (total <= share * WINDOW_MS) break;
      total -= costMs;
      waitMs = Math.max(1, endsAt - now());
    }
    return waitMs;
  };

  return {
    book: (account, costMs) => {
      const spent = current();
      add(spent, account, costMs);
      const tier = account.split(" ", 2)[1];
      if (tier === "T0") add(spent, ALL_PUBLIC, costMs);
    },
    waitFor: (owner) => {
      const accounts = [keyAccount(owner), digestAccount({ project: owner.project, trustTier: owner.tier })];
      const { cpuSharePerPublicKey, cpuShareOfPublicKeys, cpuSharePerSecretKey } = shares();
      if (owner.tier !== "T0") return waitUntilUnder(cpuSharePerSecretKey, accounts);
      const own = waitUntilUnder(cpuSharePerPublicKey, accounts);
      const shared = waitUntilUnder(cpuShareOfPublicKeys, [ALL_PUBLIC]);
      return own === null && shared === null ? null : Math.max(own ?? 0, shared ?? 0);
    },
  };
}

const ALL_PUBLIC = "all T0";
