import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CANARY_BEGINNING } from "../../src/domain/canary.ts";
import type { Deployment } from "../../src/domain/deployment.ts";
import type { DeployGrant, DeployJournal } from "../../src/domain/ports/deployJournal.ts";
import type { TestClock } from "../helpers/testClock.ts";

interface Made {
  journal: DeployJournal;
  clock: TestClock;
}

type Wanted = Parameters<DeployJournal["intend"]>[0];
type Outcome = Parameters<DeployJournal["settle"]>[2];

function wanted(key: string, more: Partial<Wanted> = {}): Wanted {
  return {
    key,
    ticketId: `ticket of ${key}`,
    service: "shop",
    patchDigest: "d",
    branch: "auto-fix/ticket-1",
    commit: `commit of ${key}`,
    previousCommit: "before",
    auto: true,
    ...more,
  };
}

function granted(grant: DeployGrant): Deployment {
  if (grant.kind !== "granted") throw new Error(`expected a grant, not ${grant.kind}`);
  return grant.deployment;
}

/** What every DeployJournal must do. */
export function deployJournalContract(name: string, make: () => Promise<Made>): void {
  describe(`DeployJournal: ${name}`, () => {
    it("grants the service's slot, and says who holds it until it is settled", async () => {
      const { journal, clock } = await make();
      const a = granted(await journal.intend(wanted("a")));
      expect(a).toMatchObject({ state: "intended", intendedAt: clock.now(), settledAt: null, fencingToken: 1 });
      expect(await journal.intend(wanted("b"))).toEqual({ kind: "busy", by: "ticket of a" });
      expect(await journal.intend(wanted("a2", { ticketId: a.ticketId }))).toEqual({ kind: "busy", by: "ticket of a" });
      expect((await journal.intend(wanted("c", { service: "other" }))).kind).toBe("granted");
      expect(await journal.inFlight("shop")).toEqual(a);
      clock.advance(10);
      const live = await journal.settle(a.id, a.fencingToken, "live", "healthy");
      expect(live).toEqual({ ...a, state: "live", settledAt: clock.now(), reason: "healthy" });
      expect(await journal.inFlight("shop")).toBeNull();
      expect(await journal.intend(wanted("a"))).toEqual({ kind: "settled", deployment: live });
      expect((await journal.intend(wanted("b"))).kind).toBe("granted");
    });

    it("hands an unfinished deployment on under a newer token, and fences the older one off", async () => {
      const { journal } = await make();
      const first = granted(await journal.intend(wanted("a")));
      const again = await journal.intend(wanted("a", { commit: "made again after a restart" }));
      if (again.kind !== "unfinished") throw new Error(again.kind);
      expect(again.deployment).toEqual({ ...first, fencingToken: again.deployment.fencingToken });
      expect(again.deployment.fencingToken).toBeGreaterThan(first.fencingToken);
      expect(await journal.get(first.id)).toEqual(again.deployment);
      await expect(journal.settle(first.id, first.fencingToken, "live", "")).rejects.toMatchObject({ code: "fenced" });
      await expect(journal.settle(first.id, 99, "live", "")).rejects.toMatchObject({ code: "fenced" });
      expect(await journal.settle(first.id, again.deployment.fencingToken, "failed", "no")).toMatchObject({
        state: "failed",
      });
    });

    it("notes where a canary stands, for the one who holds the deployment, until it is settled", async () => {
      const { journal } = await make();
      const a = granted(await journal.intend(wanted("a")));
      expect(a.canary).toBeUndefined();
      const noted = await journal.noteCanary(a.id, a.fencingToken, CANARY_BEGINNING);
      expect(noted).toEqual({ ...a, canary: CANARY_BEGINNING });
      expect(await journal.inFlight("shop")).toEqual(noted);
      const again = await journal.intend(noted);
      if (again.kind !== "unfinished") throw new Error(again.kind);
      expect(again.deployment.canary).toEqual(CANARY_BEGINNING);
      await expect(journal.noteCanary(a.id, a.fencingToken, undefined)).rejects.toMatchObject({ code: "fenced" });
      const token = again.deployment.fencingToken;
      expect((await journal.noteCanary(a.id, token, undefined)).canary).toBeUndefined();
      await journal.settle(a.id, token, "abandoned", "");
      const late = journal.noteCanary(a.id, token, CANARY_BEGINNING);
      await expect(late).rejects.toMatchObject({ code: "deploymentSettled" });
    });

    it("keeps the slot for an outcome that nobody knows, until it is known", async () => {
      const { journal } = await make();
      const a = granted(await journal.intend(wanted("a")));
      expect(await journal.settle(a.id, a.fencingToken, "unknown", "killed")).toMatchObject({ settledAt: null });
      expect(await journal.intend(wanted("b"))).toMatchObject({ kind: "busy" });
      const again = await journal.intend(wanted("a"));
      expect(again).toMatchObject({ kind: "unfinished", deployment: { state: "unknown" } });
      if (again.kind !== "unfinished") return;
      await journal.settle(a.id, again.deployment.fencingToken, "rolledBack", "the target says so");
      expect((await journal.intend(wanted("b"))).kind).toBe("granted");
    });

    it("moves only forward, and settles the same way twice", async () => {
      const { journal } = await make();
      const { id, fencingToken: token } = granted(await journal.intend(wanted("a")));
      const live = await journal.settle(id, token, "live", "healthy");
      expect(await journal.settle(id, token, "live", "again")).toEqual(live);
      const back = await journal.settle(id, token, "rolledBack", "it came again");
      expect(back).toMatchObject({ state: "rolledBack", reason: "it came again" });
      for (const state of ["live", "failed", "unknown"] as const) {
        await expect(journal.settle(id, token, state, "")).rejects.toMatchObject({ code: "deploymentSettled" });
      }
      await expect(journal.settle("unknown", 1, "live", "")).rejects.toMatchObject({ code: "deploymentNotFound" });
    });

    it("does not let an outcome become unknown while another deployment has the slot", async () => {
      const { journal } = await make();
      const a = granted(await journal.intend(wanted("a")));
      await journal.settle(a.id, a.fencingToken, "live", "");
      const b = granted(await journal.intend(wanted("b")));
      await expect(journal.settle(a.id, a.fencingToken, "unknown", "")).rejects.toMatchObject({ code: "deployBusy" });
      expect(await journal.inFlight("shop")).toEqual(b);
    });

    it("says what is live: the newest that was settled so, and not one rolled back", async () => {
      const { journal, clock } = await make();
      expect(await journal.live("shop")).toBeNull();
      const deploy = async (key: string) => {
        const { id, fencingToken } = granted(await journal.intend(wanted(key)));
        clock.advance(1);
        return journal.settle(id, fencingToken, "live", "");
      };
      const a = await deploy("a");
      const b = await deploy("b");
      expect(await journal.live("shop")).toEqual(b);
      await journal.settle(b.id, b.fencingToken, "rolledBack", "");
      expect(await journal.live("shop")).toEqual(a);
      expect(await journal.live("other")).toBeNull();
    });

    it("counts every automatic intent, and what failed or was rolled back, since a moment", async () => {
      const { journal, clock } = await make();
      const start = clock.now();
      const outcomes: [Outcome, boolean][] = [
        ["live", true],
        ["failed", true],
        ["rolledBack", false],
        ["failed", true],
      ];
      for (const [n, [state, auto]] of outcomes.entries()) {
        const { id, fencingToken } = granted(await journal.intend(wanted(`k${n}`, { auto })));
        clock.advance(10);
        await journal.settle(id, fencingToken, state, "");
      }
      await journal.intend(wanted("in flight"));
      expect(await journal.autoDeploysSince(start)).toBe(4);
      expect(await journal.autoDeploysSince(start + 30)).toBe(2);
      expect(await journal.autoDeploysSince(start + 41)).toBe(0);
      expect(await journal.rollbacksSince(start)).toBe(3);
      expect(await journal.rollbacksSince(start + 30)).toBe(2);
    });

    it("says what is live by the order of the deployments, though the clock was set back between them", async () => {
      const { journal, clock } = await make();
      const a = granted(await journal.intend(wanted("a")));
      await journal.settle(a.id, a.fencingToken, "live", "");
      clock.advance(-60_000);
      const b = granted(await journal.intend(wanted("b")));
      await journal.settle(b.id, b.fencingToken, "live", "");
      expect((await journal.live("shop"))?.key).toBe("b");
    });

    it("forgets what was given up before anything was done: it counts nowhere, and may be wanted again", async () => {
      const { journal, clock } = await make();
      const a = granted(await journal.intend(wanted("a")));
      await journal.settle(a.id, a.fencingToken, "abandoned", "the base moved");
      expect(await journal.inFlight("shop")).toBeNull();
      expect(await journal.autoDeploysSince(clock.now() - 1)).toBe(0);
      expect(await journal.rollbacksSince(clock.now() - 1)).toBe(0);
      const again = granted(await journal.intend(wanted("a")));
      expect(again.fencingToken).toBeGreaterThan(a.fencingToken);
      await expect(journal.settle(a.id, a.fencingToken, "live", "")).rejects.toMatchObject({ code: "fenced" });
    });

    it("lists what was put live, newest first", async () => {
      const { journal, clock } = await make();
      for (const key of ["a", "b"]) {
        const { id, fencingToken } = granted(await journal.intend(wanted(key)));
        clock.advance(10);
        await journal.settle(id, fencingToken, "live", "");
      }
      const keys = async (sinceMs: number) => (await journal.deployedSince("shop", sinceMs)).map((d) => d.key);
      expect(await keys(0)).toEqual(["b", "a"]);
      expect(await keys(clock.now())).toEqual(["b"]);
      expect(await journal.deployedSince("other", 0)).toEqual([]);
    });

    it("never grants more without a person than the limits allow, however many ask at once", async () => {
      const { journal, clock } = await make();
      const limits = { maxPerHour: 2, maxPerDay: 3, maxRollbacks: 2, rollbacksSinceMs: clock.now() - 1000 };
      const ask = (key: string, auto = true) => journal.intend(wanted(key, { service: key, auto }), limits);
      const kinds = (await Promise.all(["a", "b", "c", "d"].map((key) => ask(key)))).map((g) => g.kind);
      expect(kinds).toEqual(["granted", "granted", "limited", "limited"]);
      expect(await ask("c")).toEqual({ kind: "limited", limit: "rateHour" });
      expect((await ask("by a person", false)).kind).toBe("granted");
      expect((await ask("a")).kind).toBe("unfinished");
      clock.advance(3_600_001);
      const e = granted(await ask("e"));
      expect(await ask("f")).toEqual({ kind: "limited", limit: "rateDay" });
      await journal.settle(e.id, e.fencingToken, "rolledBack", "");
      expect(await ask("f")).toEqual({ kind: "limited", limit: "rateDay" });
      const a = await journal.inFlight("a");
      await journal.settle(a?.id ?? "", a?.fencingToken ?? 0, "failed", "");
      expect(await ask("f")).toEqual({ kind: "limited", limit: "breakerClosed" });
    });

    it("holds its rules whatever is asked in whatever order", async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 40 }), async (steps) => {
          await walk(await make(), steps);
        }),
        { numRuns: 40 },
      );
    });
  });
}

const step = fc.oneof(
  fc.record({
    do: fc.constant("intend" as const),
    key: fc.constantFrom("a", "b", "c", "d"),
    service: fc.constantFrom("shop", "mail"),
  }),
  fc.record({
    do: fc.constant("settle" as const),
    pick: fc.nat(20),
    // Some settle with a token from the past.
    stale: fc.boolean(),
    state: fc.constantFrom<Outcome>("live", "failed", "rolledBack", "unknown"),
  }),
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** Runs the steps and checks after each: one in flight a service, a key granted once, tokens that grow, no stale settle. */
async function walk({ journal }: Made, steps: readonly Step[]): Promise<void> {
  const tokens: { id: string; token: number }[] = [];
  const grantedKeys = new Set<string>();
  const newest = new Map<string, number>();
  for (const s of steps) {
    if (s.do === "intend") {
      const key = `${s.service}/${s.key}`;
      const grant = await journal.intend(wanted(key, { service: s.service }));
      if (grant.kind === "granted") {
        expect(grantedKeys.has(key)).toBe(false);
        grantedKeys.add(key);
      } else if (grant.kind !== "busy") expect(grantedKeys.has(key)).toBe(true);
      if (grant.kind === "granted" || grant.kind === "unfinished") {
        const { id, fencingToken: token } = grant.deployment;
        expect(token).toBeGreaterThan(Math.max(0, ...tokens.map((t) => t.token)));
        tokens.push({ id, token });
        newest.set(id, token);
      }
    } else if (tokens.length > 0) {
      await trySettle(journal, s, tokens, newest);
    }
    for (const service of ["shop", "mail"]) {
      const all = await Promise.all([...newest.keys()].map((id) => journal.get(id)));
      const inFlight = all.filter((d) => d?.service === service && (d.state === "intended" || d.state === "unknown"));
      expect(inFlight.length).toBeLessThanOrEqual(1);
      expect(await journal.inFlight(service)).toEqual(inFlight[0] ?? null);
    }
  }
}

async function trySettle(
  journal: DeployJournal,
  s: Extract<Step, { do: "settle" }>,
  tokens: readonly { id: string; token: number }[],
  newest: ReadonlyMap<string, number>,
): Promise<void> {
  const { id, token } = tokens[s.pick % tokens.length] ?? { id: "", token: 0 };
  const used = s.stale ? token : (newest.get(id) ?? 0);
  const before = await journal.get(id);
  const after = await journal.settle(id, used, s.state, "said so").catch((thrown: { code: string }) => thrown.code);
  if (used !== newest.get(id)) expect(after).toBe("fenced");
  if (typeof after === "string") expect(await journal.get(id)).toEqual(before);
  else expect(after.state).toBe(s.state);
}
