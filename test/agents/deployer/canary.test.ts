import { beforeAll, describe, expect, it } from "vitest";
import { createDeployerNode } from "../../../src/agents/deployer/node.ts";
import { createVerifierNode } from "../../../src/agents/verifier/node.ts";
import type { CanaryReading } from "../../../src/domain/canary.ts";
import type { RunUpdate } from "../../../src/domain/runState.ts";
import type { Service } from "../../../src/domain/service.ts";
import type { Ticket } from "../../../src/domain/ticket.ts";
import { fingerprint } from "../../../src/ingest/grouping/fingerprint.ts";
import { buildEvent } from "../../helpers/eventBuilder.ts";
import { fakeWorkspaces } from "../../helpers/fakeWorkspaces.ts";
import { Killed, killedAt } from "../../helpers/killed.ts";
import type { Production, ProductionScript } from "../../helpers/production.ts";
import { type BenchDeps, type ReleaseBench, releaseBench } from "../../helpers/releaseBench.ts";

let bench: ReleaseBench;
beforeAll(async () => {
  bench = await releaseBench();
  return () => bench.stores.close();
});

const never = new AbortController().signal;
const base = "b".repeat(40);
const other = "f".repeat(40);
// Without git, which is deterministic here and costs most of the time: only the order of effects matters.
const { workspaces, branches } = fakeWorkspaces(base);

const canary = {
  command: "true",
  metricsCommand: "true",
  windowMs: 60_000,
  maxWindowMs: 120_000,
  everyMs: 30_000,
  minRequests: 100,
  maxErrorShareIncrease: 0.005,
  alpha: 0.01,
};
const reading = (requests: number, errors: number): CanaryReading => ({
  canary: { requests, errors },
  baseline: { requests: requests * 9, errors: 0 },
});
/** Traffic of that many requests a reading, of which that many fail in the canary. */
function traffic(requests: number, errors: number): () => CanaryReading {
  let looks = 0;
  return () => {
    looks += 1;
    return reading(1000 + looks * requests, looks * errors);
  };
}
const well = { canaries: 1, promotes: 1, aborts: 1, counters: traffic(100, 0) };

async function ready(script: Partial<ProductionScript>, service: Partial<Service> = {}, ticket: Partial<Ticket> = {}) {
  const made = bench.service({ canary, ...service });
  return {
    service: made,
    ticket: await bench.ticketFor(made, ticket, base),
    world: bench.world({ live: base, ...script }),
  };
}
const enter = (ticket: Ticket, world: Production, overrides: Partial<BenchDeps> = {}) =>
  createDeployerNode(bench.deps(world, { workspaces, ...overrides }))(bench.state(ticket), never);
const now = async (ticket: Ticket) => (await bench.stores.tickets.get(ticket.id)) ?? ticket;
const commitOf = (ticket: Ticket) => branches.get(`auto-fix/ticket-${ticket.id}`);
const rowOf = async (ticket: Ticket) => bench.stores.journal.get((await now(ticket)).deploymentId ?? "");

/** What the alarm does, until something else than waiting comes of it. */
async function wait(
  ticket: Ticket,
  world: Production,
  overrides: Partial<BenchDeps> = {},
  looks = 20,
): Promise<RunUpdate> {
  for (let i = 0; i < looks; i += 1) {
    const update = await enter(ticket, world, overrides);
    if (update.deploying !== "canary" && update.deploying !== "busy") return update;
    const [wakeUp] = await bench.wakeUps(ticket);
    expect(wakeUp).toBeDefined();
    bench.clock.advance(Math.max(0, (wakeUp?.dueAt ?? 0) - bench.clock.now()));
  }
  throw new Error("it still waits");
}

describe("a canary", () => {
  it("is watched for its window, then promoted, and told", async () => {
    const { service, ticket, world } = await ready(well);
    expect(await enter(ticket, world)).toEqual({ deploying: "canary", outcome: "deploying" });
    expect(world.effects).toEqual([`canary ${commitOf(ticket)}`]);
    expect(await bench.wakeUps(ticket)).toEqual([
      { ticketId: ticket.id, kind: "canary", dueAt: bench.clock.now() + 30_000 },
    ]);
    expect(await now(ticket)).toMatchObject({
      state: "deploying",
      reason: expect.stringMatching(/part of the traffic/),
    });
    expect(await bench.stores.journal.inFlight(service.name)).toMatchObject({
      canary: { stage: "watching", looks: 1 },
    });

    bench.clock.advance(30_000);
    expect(await wait(ticket, world)).toEqual({ deploying: "live", verifying: "soaking", outcome: "soaking" });
    expect(world).toMatchObject({ live: commitOf(ticket), canary: null });
    expect(world.effects).toEqual([`canary ${commitOf(ticket)}`, `promote ${commitOf(ticket)}`]);
    expect(await bench.kinds(ticket)).toEqual([
      "deploy.intended",
      "canary.began",
      "canary.read",
      "canary.read",
      "deploy.started",
      "canary.promoted",
      "deploy.live",
    ]);
    expect(await rowOf(ticket)).toMatchObject({
      state: "live",
      canary: { verdict: "healthy", looks: 3, counted: reading(200, 0) },
    });
    expect(await bench.wakeUps(ticket)).toMatchObject([{ kind: "verify" }]);
  });

  it("is taken out as soon as it is proven to be worse, and a person is asked", async () => {
    const { service, ticket, world } = await ready({ ...well, counters: traffic(100, 10) });
    const update = await wait(ticket, world);
    expect(update).toEqual({
      deploying: "failed",
      cause: expect.stringMatching(/canary is unhealthy: more errors .*10 of 100.*; the canary was taken out/),
    });
    expect(world.effects).toEqual([`canary ${commitOf(ticket)}`, `abort ${commitOf(ticket)}`]);
    expect(world).toMatchObject({ live: base, canary: null });
    expect(await rowOf(ticket)).toMatchObject({ state: "rolledBack", canary: { stage: "aborted", looks: 2 } });
    expect(await bench.stores.journal.inFlight(service.name)).toBeNull();
    expect((await bench.kinds(ticket)).slice(-3)).toEqual([
      "deploy.rolling_back",
      "canary.aborted",
      "deploy.rolled_back",
    ]);
    expect(await bench.wakeUps(ticket)).toEqual([]);
    expect(await enter(ticket, world)).toEqual(update);
  });

  it("is taken out when the service is unwell, and when its command fails", async () => {
    const fault = (_live: string | null, order: { commit: string } | null) => (order === null ? null : "answered 500");
    const unwell = await ready({ ...well, fault });
    const once = { ...bench.deps(unwell.world).target };
    const health = async () => ({ kind: "unhealthy" as const, reason: "answered 500" });
    let asked = 0;
    const target = { ...once, health: async () => (asked++ === 0 ? health() : ({ kind: "healthy" } as const)) };
    expect(await enter(unwell.ticket, unwell.world, { target })).toMatchObject({
      deploying: "failed",
      cause: expect.stringMatching(/canary is unhealthy: answered 500/),
    });
    const refused = await ready({ ...well, canaryEnd: { kind: "exit", code: 3 } });
    expect(await enter(refused.ticket, refused.world)).toMatchObject({
      deploying: "failed",
      cause: expect.stringMatching(/the canary command failed \(exit 3\).*taken out/),
    });
  });

  it("is taken out when the exception comes back in its release", async () => {
    const event = (change: object) => buildEvent({ receivedAt: bench.clock.now(), ...change });
    const digest = (e: ReturnType<typeof event>) => bench.stores.issues.digest(e, fingerprint(e));
    const { issue } = await digest(event({ eventId: "1".repeat(32) }));
    const { ticket, world } = await ready(well, {}, { issueIds: [issue.id] });
    bench.clock.advance(1);
    await enter(ticket, world);
    bench.clock.advance(30_000);
    // The baseline still crashes: that says nothing.
    await digest(event({ eventId: "2".repeat(32), release: base, receivedAt: bench.clock.now() }));
    expect(await enter(ticket, world)).toMatchObject({ deploying: "canary" });
    await digest(event({ eventId: "3".repeat(32), release: commitOf(ticket), receivedAt: bench.clock.now() }));
    expect(await enter(ticket, world)).toMatchObject({
      deploying: "failed",
      cause: expect.stringMatching(/came back 1 time\(s\) in the canary's release/),
    });
  });

  it.each<[string, () => CanaryReading | null]>([
    ["too little traffic", traffic(1, 0)],
    ["no figures", () => null],
  ])("%s: nothing is promoted by silence; a person is asked, and their yes promotes", async (_what, counters) => {
    const { ticket, world } = await ready({ ...well, counters });
    expect(await wait(ticket, world)).toEqual({
      deploying: "held",
      question: "approveDeploy",
      patchDigest: ticket.patch?.digest,
    });
    expect(world.effects).toHaveLength(1);
    const asked = await now(ticket);
    expect(asked).toMatchObject({
      state: "awaitingApproval",
      approval: { kind: "approveDeploy", allowed: ["approve", "reject"] },
      reason: expect.stringMatching(/^canaryInconclusive: /),
    });
    await bench.stores.tickets.update(ticket.id, () => ({
      approval: null,
      decisions: [{ type: "approve", by: "ann", message: "", patchDigest: ticket.patch?.digest ?? "" }],
    }));
    expect(await enter(ticket, world)).toMatchObject({ deploying: "live" });
    expect(world.effects).toEqual([`canary ${commitOf(ticket)}`, `promote ${commitOf(ticket)}`]);
    // A person's word is no measurement: the Fix is held, and no E3.
    bench.clock.advance(1000);
    const verifier = createVerifierNode(bench.deps(world, { workspaces }));
    expect(await verifier(bench.state(ticket), never)).toMatchObject({ verifying: "held", grade: "E2" });
    expect((await now(ticket)).evidence?.notChecked).toContain("canary");
  });

  it("gives E3 only to a healthy one; without a strategy E3 names what was not checked", async () => {
    const grade = async (service: Partial<Service>, script: Partial<ProductionScript>) => {
      const { ticket, world } = await ready(script, service);
      await wait(ticket, world);
      bench.clock.advance(1000);
      await createVerifierNode(bench.deps(world, { workspaces }))(bench.state(ticket), never);
      const { evidence } = await now(ticket);
      return [evidence?.grade, evidence?.notChecked.includes("canary")];
    };
    expect(await grade({}, { ...well, counters: traffic(100, 0) })).toEqual(["E3", false]);
    expect(await grade({ canary: undefined }, { deploys: 1 })).toEqual(["E3", true]);
  });

  it("holds while selfheal is paused, and is taken out all the same when it is unhealthy", async () => {
    const { ticket, world } = await ready(well);
    await enter(ticket, world);
    const paused = async () => true;
    for (let i = 0; i < 5; i += 1) {
      bench.clock.advance(30_000);
      expect(await enter(ticket, world, { paused })).toMatchObject({ deploying: "canary" });
    }
    expect((await now(ticket)).reason).toMatch(/it waits, for selfheal is paused/);
    expect(world.effects).toHaveLength(1);
    expect(await enter(ticket, world)).toMatchObject({ deploying: "live" });

    const bad = await ready({ ...well, counters: traffic(100, 10) });
    await enter(bad.ticket, bad.world);
    bench.clock.advance(30_000);
    expect(await enter(bad.ticket, bad.world, { paused })).toMatchObject({ deploying: "failed" });
    expect(bad.world.canary).toBeNull();
  });

  it("does not begin when it is paused after the intent, and begins later", async () => {
    const { service, ticket, world } = await ready(well);
    const answers = [false, false, true];
    const paused = async () => answers.shift() ?? false;
    expect(await enter(ticket, world, { paused })).toMatchObject({ deploying: "busy" });
    expect(world.effects).toEqual([]);
    expect((await bench.stores.journal.inFlight(service.name))?.canary).toBeUndefined();
    expect(await enter(ticket, world)).toMatchObject({ deploying: "canary" });
  });

  it("asks the gate again when the level fell meanwhile", async () => {
    const { ticket, world } = await ready({ ...well, counters: traffic(100, 0) });
    await enter(ticket, world);
    bench.clock.advance(60_000);
    const { policyOf } = bench.deps(world);
    const lowered = {
      policyOf: async (s: Service, t: Ticket) => ({ ...(await policyOf(s, t)), autonomy: "supervised" as const }),
    };
    expect(await enter(ticket, world, lowered)).toEqual({ deploying: "lowered" });
    expect(world.effects).toHaveLength(1);
  });

  it("gives way when the base moved, and says nothing against the patch", async () => {
    const { ticket, world } = await ready({ ...well, counters: traffic(100, 0) });
    await enter(ticket, world);
    bench.clock.advance(60_000);
    const moved = { ...workspaces, head: async () => other, contains: async () => false };
    expect(await enter(ticket, world, { workspaces: moved })).toEqual({ deploying: "moved" });
    expect(world.effects).toEqual([`canary ${commitOf(ticket)}`, `abort ${commitOf(ticket)}`]);
    expect(await rowOf(ticket)).toMatchObject({ state: "abandoned" });
    expect(await bench.kinds(ticket)).not.toContain("deploy.rolled_back");
  });

  it("does not put the previous commit over what somebody put live meanwhile, without an abortCommand", async () => {
    const { ticket, world } = await ready({ ...well, counters: traffic(100, 10) });
    await enter(ticket, world);
    bench.clock.advance(30_000);
    world.live = other;
    expect(await enter(ticket, world)).toMatchObject({
      deploying: "failed",
      cause: expect.stringMatching(/put live meanwhile/),
    });
    expect(world.effects).toHaveLength(1);
    expect(await rowOf(ticket)).toMatchObject({ state: "failed" });
  });

  it("keeps the service's slot, also while a person is asked, and gives it back when they close the ticket", async () => {
    const { service, ticket, world } = await ready({ ...well, counters: traffic(1, 0) });
    await wait(ticket, world);
    const next = await bench.ticketFor(service, {}, base);
    expect(await enter(next, world)).toMatchObject({ deploying: "busy" });
    expect(await bench.wakeUps(next)).toMatchObject([{ kind: "deploy", dueAt: bench.clock.now() + 30_000 }]);
    await bench.stores.tickets.update(ticket.id, () => ({ state: "rejected", approval: null }));
    expect(await enter(ticket, world)).toEqual({ deploying: "none", outcome: "rejected" });
    expect(world).toMatchObject({ live: base, canary: null });
    expect(await bench.stores.journal.inFlight(service.name)).toBeNull();
    expect((await bench.wakeUps(ticket)).filter((w) => w.kind === "canary")).toEqual([]);
    expect(await enter(ticket, world)).toEqual({ deploying: "none", outcome: "rejected" });
  });

  it("of a closed ticket is taken out by whoever is deployed next, at the latest", async () => {
    const { service, ticket, world } = await ready({ ...well, canaries: 2 });
    await enter(ticket, world);
    await bench.stores.tickets.update(ticket.id, () => ({ state: "dismissed" }));
    const next = await bench.ticketFor(service, {}, base);
    expect(await enter(next, world)).toMatchObject({ deploying: "canary" });
    expect(world.effects).toEqual([
      `canary ${commitOf(ticket)}`,
      `abort ${commitOf(ticket)}`,
      `canary ${commitOf(next)}`,
    ]);
  });

  it("that cannot be promoted is rolled back, and taken out by its own command too", async () => {
    const own = { ...canary, abortCommand: "true" };
    const script = { ...well, rollbacks: 1, deployEnd: { kind: "exit", code: 3 } as const };
    const { ticket, world } = await ready({ ...script, counters: traffic(100, 0) }, { canary: own });
    expect(await wait(ticket, world)).toMatchObject({
      deploying: "failed",
      cause: expect.stringMatching(/rolled back to/),
    });
    expect(world.effects.slice(1)).toEqual([`rollback ${base}`, `abort ${commitOf(ticket)}`]);
  });

  it("that cannot be taken out is said to be in, not rolled back", async () => {
    const { ticket, world } = await ready({ ...well, counters: traffic(100, 10), abortEnd: { kind: "exit", code: 1 } });
    expect(await wait(ticket, world)).toMatchObject({
      deploying: "failed",
      cause: expect.stringMatching(/taking the canary out did not work: the roll back failed \(exit 1\)/),
    });
    expect(await rowOf(ticket)).toMatchObject({ state: "failed" });
    expect((await now(ticket)).state).not.toBe("rolledBack");
  });

  describe("killed at any point", () => {
    const short = { canary: { ...canary, windowMs: 30_000, maxWindowMs: 30_000 } };
    /** Kills at call n, counted over all entries, and goes on; null when it ends before that call. */
    const killAndGoOn = async (n: number, script: Partial<ProductionScript>) => {
      const { service, ticket, world } = await ready(script, short);
      const { ports } = killedAt(bench.deps(world, { workspaces }), n);
      try {
        await wait(ticket, world, ports);
        return null;
      } catch (error) {
        if (!(error instanceof Killed)) throw error;
      }
      return { service, ticket, world, update: await wait(ticket, world) };
    };
    const times = (world: Production, what: string) => world.effects.filter((e) => e.startsWith(what)).length;

    it("begins once and promotes once", async () => {
      let points = 0;
      for (let n = 0; ; n += 1) {
        const seen = await killAndGoOn(n, { ...well, counters: traffic(100, 0) });
        if (seen === null) break;
        points += 1;
        const commit = commitOf(seen.ticket);
        expect(seen.update).toMatchObject({ deploying: "live" });
        expect(seen.world.effects).toEqual([`canary ${commit}`, `promote ${commit}`]);
        expect(await now(seen.ticket)).toMatchObject({ state: "soaking" });
        expect(await bench.wakeUps(seen.ticket)).toMatchObject([{ kind: "verify" }]);
        const kinds = await bench.kinds(seen.ticket);
        for (const kind of ["canary.began", "canary.promoted", "deploy.live"])
          expect(kinds.filter((k) => k === kind)).toHaveLength(1);
      }
      expect(points).toBeGreaterThan(50);
    });

    it("begins once and is taken out once", async () => {
      let points = 0;
      for (let n = 0; ; n += 1) {
        const seen = await killAndGoOn(n, { ...well, counters: traffic(100, 10) });
        if (seen === null) break;
        points += 1;
        const commit = commitOf(seen.ticket);
        expect(seen.update).toMatchObject({
          deploying: "failed",
          cause: expect.stringMatching(/the canary was taken out/),
        });
        expect(seen.world.effects).toEqual([`canary ${commit}`, `abort ${commit}`]);
        expect((await now(seen.ticket)).state).toBe("rolledBack");
        expect(await rowOf(seen.ticket)).toMatchObject({ state: "rolledBack" });
      }
      expect(points).toBeGreaterThan(40);
    });

    it("where nobody can tell what the canary runs: never two at once, and what may be in is taken out first", async () => {
      const outcomes = new Set<string>();
      for (let n = 0; ; n += 1) {
        const counters = traffic(100, 0);
        const script = { canaries: 2, promotes: 1, aborts: 1, counters, canaryTells: false };
        const seen = await killAndGoOn(n, script);
        if (seen === null) break;
        expect(seen.update).toMatchObject({ deploying: "live" });
        const commit = commitOf(seen.ticket);
        expect(times(seen.world, "promote")).toBe(1);
        outcomes.add(seen.world.effects.map((e) => e.replace(` ${commit}`, "")).join(" "));
      }
      expect([...outcomes].sort()).toEqual(["abort canary promote", "canary abort canary promote", "canary promote"]);
    });

    it("asks the person once who is to say what becomes of it", async () => {
      for (let n = 0; ; n += 1) {
        const seen = await killAndGoOn(n, { ...well, counters: () => null });
        if (seen === null) break;
        expect(seen.update).toMatchObject({ deploying: "held" });
        expect(seen.world.effects).toHaveLength(1);
        expect(await now(seen.ticket)).toMatchObject({
          state: "awaitingApproval",
          approval: { kind: "approveDeploy" },
        });
      }
    });
  });
});
