import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Lease } from "../../src/domain/lease.ts";
import type { LeaseStore } from "../../src/domain/ports/leaseStore.ts";
import type { TestClock } from "../helpers/testClock.ts";

interface Made {
  leases: LeaseStore;
  clock: TestClock;
  /** The same store in a new process. */
  reopen(): Promise<LeaseStore>;
}

const FENCED = { code: "fenced" };

/** What every LeaseStore must do. */
export function leaseStoreContract(name: string, make: () => Promise<Made>): void {
  describe(`LeaseStore: ${name}`, () => {
    it("gives a name to one holder until it ends, and then to the next under a newer token", async () => {
      const { leases, clock } = await make();
      const a = await leases.take("t", "a", 100);
      expect(a).toEqual({ kind: "held", lease: { name: "t", holder: "a", token: 1, expiresAt: clock.now() + 100 } });
      expect(await leases.take("t", "b", 100)).toEqual({ kind: "taken", lease: a.lease });
      expect((await leases.take("other", "b", 100)).kind).toBe("held");
      clock.advance(100);
      expect(await leases.get("t")).toBeNull();
      expect(await leases.take("t", "b", 100)).toMatchObject({ kind: "held", lease: { holder: "b", token: 2 } });
      await expect(leases.renew("t", 1, 100)).rejects.toMatchObject(FENCED);
    });

    it("renews the holder's own under the same token, by taking it again or by its token", async () => {
      const { leases, clock } = await make();
      const { lease } = await leases.take("t", "a", 100);
      clock.advance(60);
      expect((await leases.take("t", "a", 100)).lease).toEqual({ ...lease, expiresAt: clock.now() + 100 });
      clock.advance(60);
      expect(await leases.renew("t", lease.token, 100)).toEqual({ ...lease, expiresAt: clock.now() + 100 });
      expect(await leases.get("t")).toEqual({ ...lease, expiresAt: clock.now() + 100 });
    });

    it("fences a renewal after the end, an older token and a name that nobody took", async () => {
      const { leases, clock } = await make();
      const { lease } = await leases.take("t", "a", 100);
      await expect(leases.renew("t", lease.token + 1, 100)).rejects.toMatchObject(FENCED);
      await expect(leases.renew("nobody's", 1, 100)).rejects.toMatchObject(FENCED);
      clock.advance(100);
      await expect(leases.renew("t", lease.token, 100)).rejects.toMatchObject(FENCED);
      expect((await leases.take("t", "a", 100)).lease.token).toBe(lease.token + 1);
    });

    it("lets go by the newest token only", async () => {
      const { leases, clock } = await make();
      const first = (await leases.take("t", "a", 100)).lease;
      clock.advance(100);
      const second = (await leases.take("t", "b", 100)).lease;
      await leases.release("t", first.token);
      expect(await leases.get("t")).toEqual(second);
      await leases.release("t", second.token);
      await leases.release("t", second.token);
      expect(await leases.get("t")).toBeNull();
      expect((await leases.take("t", "a", 100)).lease.token).toBe(3);
    });

    it("ends what holders that are gone had, and only that", async () => {
      const { leases, reopen } = await make();
      await leases.take("t1", "run:old", 1000);
      await leases.take("t2", "person:ada", 1000);
      const next = await reopen();
      expect(await next.endOf((holder) => holder.startsWith("run:"))).toEqual(["t1"]);
      expect(await next.endOf((holder) => holder.startsWith("run:"))).toEqual([]);
      expect(await next.get("t1")).toBeNull();
      expect((await next.get("t2"))?.holder).toBe("person:ada");
      expect((await next.take("t1", "run:new", 1000)).lease.token).toBe(2);
    });

    it.each([["get"], ["renew"]] as const)("stays ended once %s saw it, though the clock jumps back", async (by) => {
      const { leases, clock, reopen } = await make();
      const { lease } = await leases.take("t", "a", 100);
      clock.advance(100);
      if (by === "get") expect(await leases.get("t")).toBeNull();
      else await expect(leases.renew("t", lease.token, 100)).rejects.toMatchObject(FENCED);
      clock.advance(-1000);
      expect(await leases.get("t")).toBeNull();
      await expect(leases.renew("t", lease.token, 100)).rejects.toMatchObject(FENCED);
      const next = await reopen();
      expect(await next.get("t")).toBeNull();
      expect((await next.take("t", "b", 100)).lease.token).toBe(lease.token + 1);
    });

    it("holds its rules under any order of calls and any clock", async () => {
      const { leases, clock } = await make();
      let run = 0;
      await fc.assert(
        fc.asyncProperty(fc.array(step(), { minLength: 1, maxLength: 30 }), async (steps) => {
          run += 1;
          await holdsItsRules(leases, clock, `name ${run}`, steps);
        }),
        { numRuns: 60 },
      );
    });
  });
}

type Step =
  | { kind: "take"; holder: string; ttlMs: number }
  | { kind: "renew" | "release"; back: number }
  | { kind: "get" }
  | { kind: "clock"; ms: number };

function step(): fc.Arbitrary<Step> {
  const back = fc.integer({ min: 0, max: 2 });
  const kind = <K extends string>(value: K) => fc.constant(value);
  return fc.oneof(
    fc.record({ kind: kind("take"), holder: fc.constantFrom("a", "b", "c"), ttlMs: fc.integer({ min: 1, max: 50 }) }),
    fc.record({ kind: fc.constantFrom("renew" as const, "release" as const), back }),
    fc.record({ kind: kind("get") }),
    fc.record({ kind: kind("clock"), ms: fc.integer({ min: -60, max: 60 }) }),
  );
}

/**
 * Tokens only grow; while one is known to hold nobody else is given the name; a token whose end was told (by a null, a
 * fence, a release or a newer token) is never current again.
 */
async function holdsItsRules(leases: LeaseStore, clock: TestClock, name: string, steps: readonly Step[]) {
  let newest = 0;
  let ended = 0;
  let holding: Lease | null = null;
  const sees = (lease: Lease) => {
    expect(lease.token).toBeGreaterThan(ended);
    expect(lease.token).toBeGreaterThanOrEqual(newest);
    expect(lease.expiresAt).toBeGreaterThan(clock.now());
    if (holding !== null && holding.expiresAt > clock.now()) {
      expect(lease).toMatchObject({ holder: holding.holder, token: holding.token });
    }
    ended = Math.max(ended, lease.token - 1);
    newest = lease.token;
    holding = lease;
  };
  const over = (token: number) => {
    ended = Math.max(ended, token);
    if (holding !== null && holding.token <= ended) holding = null;
  };
  for (const next of steps) {
    if (next.kind === "clock") clock.advance(next.ms);
    else if (next.kind === "take") {
      const { kind, lease } = await leases.take(name, next.holder, next.ttlMs);
      if (kind === "held") holding = holding !== null && sameHolder(holding, lease) ? null : holding;
      expect(kind === "held").toBe(lease.holder === next.holder);
      sees(lease);
    } else if (next.kind === "get") {
      const lease = await leases.get(name);
      if (lease === null) over(newest);
      else sees(lease);
    } else {
      const token = newest - next.back;
      if (next.kind === "release") {
        await leases.release(name, token);
        over(token);
      } else {
        const lease = await leases.renew(name, token, 20).catch((error: unknown) => {
          expect(error).toMatchObject(FENCED);
          return null;
        });
        if (lease === null) over(token);
        else {
          holding = null;
          sees(lease);
        }
      }
    }
  }
}

function sameHolder(one: Lease, other: Lease): boolean {
  return one.holder === other.holder && one.token === other.token;
}
