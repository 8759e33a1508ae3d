import { beforeAll, describe, expect, it } from "vitest";
import { createDeployerNode } from "../../../src/agents/deployer/node.ts";
import { createVerifierNode } from "../../../src/agents/verifier/node.ts";
import type { CapturedEvent } from "../../../src/domain/event.ts";
import type { Fingerprint } from "../../../src/domain/issue.ts";
import type { Service } from "../../../src/domain/service.ts";
import type { Ticket } from "../../../src/domain/ticket.ts";
import { buildEvent } from "../../helpers/eventBuilder.ts";
import { fakeWorkspaces } from "../../helpers/fakeWorkspaces.ts";
import { Killed, killedAt } from "../../helpers/killed.ts";
import type { Production, ProductionScript } from "../../helpers/production.ts";
import { type BenchDeps, type ReleaseBench, releaseBench } from "../../helpers/releaseBench.ts";

const BASE = "b".repeat(40);
const SOAK_MS = 1000;
const never = new AbortController().signal;
const { workspaces } = fakeWorkspaces(BASE);

let bench: ReleaseBench;
beforeAll(async () => {
  bench = await releaseBench();
  return () => bench.stores.close();
});

const enter = (ticket: Ticket, world: Production, overrides: Partial<BenchDeps> = {}) =>
  createVerifierNode(bench.deps(world, { workspaces, ...overrides }))(bench.state(ticket), never);
const now = async (ticket: Ticket) => (await bench.stores.tickets.get(ticket.id)) ?? ticket;

/** An Event of the service's one problem; the Issue's id is what the ticket is about. */
async function crash(service: Service, more: Partial<CapturedEvent> = {}): Promise<string> {
  const fingerprint: Fingerprint = { algorithm: 1, family: "city", strict: "city", why: "test" };
  const event = buildEvent({ service: service.name, receivedAt: bench.clock.now(), ...more });
  return (await bench.stores.issues.digest(event, fingerprint)).issue.id;
}

interface Soaking {
  ticket: Ticket;
  service: Service;
  world: Production;
  commit: string;
}

/** A patch that the deployer put live just now. The crash that it is for happened a second before. */
async function soaking(script: Partial<ProductionScript> = {}, more: Partial<Ticket> = {}): Promise<Soaking> {
  const service = bench.service({
    soakMs: SOAK_MS,
    health: { timeoutMs: 1, intervalMs: 1, passes: 1, command: "true" },
  });
  const issueId = await crash(service, { release: BASE });
  bench.clock.advance(1000);
  const ticket = await bench.ticketFor(service, { issueIds: [issueId], ...more }, BASE);
  const world = bench.world({ live: BASE, deploys: 1, ...script });
  const update = await createDeployerNode(bench.deps(world, { workspaces }))(bench.state(ticket), never);
  if (update.deploying !== "live" || world.live === null) throw new Error(`not live: ${update.cause}`);
  return { ticket: await now(ticket), service, world, commit: world.live };
}

describe("verifier", () => {
  it("keeps soaking until the window is over", async () => {
    const { ticket, world } = await soaking();
    const dueAt = bench.clock.now() + SOAK_MS;
    bench.clock.advance(SOAK_MS - 1);
    expect(await enter(ticket, world)).toEqual({ verifying: "soaking", outcome: "soaking" });
    expect(await bench.wakeUps(ticket)).toEqual([{ ticketId: ticket.id, kind: "verify", dueAt }]);
    expect((await now(ticket)).state).toBe("soaking");
  });

  it("counts it as held when nothing came back and it is healthy, and names what is not known", async () => {
    const { ticket, world } = await soaking();
    bench.clock.advance(SOAK_MS);
    expect(await enter(ticket, world)).toEqual({ verifying: "held", outcome: "healed", grade: "E3" });
    expect(await now(ticket)).toMatchObject({
      state: "healed",
      closedAt: bench.clock.now(),
      evidence: { grade: "E3" },
      reason: expect.stringMatching(/^held: no recurrence in 1 s since \w+ went live; no traffic figure is known/),
    });
    expect((await bench.kinds(ticket)).at(-1)).toBe("fix.held");
    expect(await bench.wakeUps(ticket)).toEqual([]);
    expect(await enter(ticket, world)).toEqual({ verifying: "held", outcome: "healed", grade: "E3" });
    expect((await bench.kinds(ticket)).filter((kind) => kind === "fix.held")).toHaveLength(1);
  });

  it("gives no E3 to what had no reproduction", async () => {
    const { ticket, world } = await soaking();
    await bench.stores.tickets.update(ticket.id, (t) => ({ evidence: t.evidence && { ...t.evidence, grade: "E1" } }));
    bench.clock.advance(SOAK_MS);
    expect(await enter(ticket, world)).toMatchObject({ verifying: "held", grade: "E1" });
  });

  it("rolls back when the exception came back", async () => {
    const { ticket, service, world, commit } = await soaking({ rollbacks: 1 });
    bench.clock.advance(SOAK_MS);
    await crash(service, { release: commit });
    await crash(service);
    expect(await enter(ticket, world)).toEqual({
      verifying: "recurred",
      cause: expect.stringMatching(/came back 2 time\(s\).*; rolled back to bbbbbbbbbbbb/),
    });
    expect(world.effects).toEqual([`deploy ${commit}`, `rollback ${BASE}`]);
    expect(await now(ticket)).toMatchObject({ state: "rolledBack", reason: expect.stringMatching(/came back/) });
    expect((await bench.kinds(ticket)).slice(-3)).toEqual([
      "fix.recurred",
      "deploy.rolling_back",
      "deploy.rolled_back",
    ]);
    expect(await bench.stores.journal.get(ticket.deploymentId ?? "")).toMatchObject({ state: "rolledBack" });
    expect(await bench.stores.journal.live(service.name)).toMatchObject({ commit: BASE, auto: false });
    expect(await bench.wakeUps(ticket)).toEqual([]);
  });

  it("rolls back when the service is not well", async () => {
    let well = true;
    const fault = (live: string | null) => (well || live === BASE ? null : "answered 500");
    const { ticket, world } = await soaking({ rollbacks: 1, fault });
    well = false;
    bench.clock.advance(SOAK_MS);
    expect(await enter(ticket, world)).toMatchObject({
      verifying: "recurred",
      cause: expect.stringMatching(/the service is not well: unhealthy: answered 500; rolled back/),
    });
  });

  it("does not count late events of an older release, where releases are commits", async () => {
    const { ticket, service, world } = await soaking();
    bench.clock.advance(SOAK_MS);
    await crash(service, { release: BASE });
    expect(await enter(ticket, world)).toMatchObject({ verifying: "held" });
  });

  it.each(["1.2.3", "c".repeat(40), undefined])(
    "counts events of a release that it cannot place (%s)",
    async (release) => {
      const { ticket, service, world } = await soaking({ rollbacks: 1 });
      bench.clock.advance(SOAK_MS);
      await crash(service, release === undefined ? {} : { release });
      expect(await enter(ticket, world)).toMatchObject({ verifying: "recurred" });
    },
  );

  it("asks a person when a newer deployment is on top", async () => {
    const { ticket, service, world, commit } = await soaking();
    const newer = await bench.ticketFor(service, {}, commit);
    const row = { key: `on top ${newer.id}`, ticketId: newer.id, service: service.name, patchDigest: "e", branch: "b" };
    const grant = await bench.stores.journal.intend({
      ...row,
      commit: "d".repeat(40),
      previousCommit: commit,
      auto: true,
    });
    if (grant.kind !== "granted") throw new Error(grant.kind);
    bench.clock.advance(SOAK_MS);
    await crash(service, { release: commit });

    expect(await enter(ticket, world)).toMatchObject({ verifying: "soaking" });
    await bench.stores.journal.settle(grant.deployment.id, grant.deployment.fencingToken, "live", "");
    expect(await enter(ticket, world)).toMatchObject({
      verifying: "recurred",
      cause: expect.stringMatching(/it was not rolled back, for a newer deployment is on top/),
    });
    expect(world.effects).toHaveLength(1);
    expect(await bench.stores.journal.get(ticket.deploymentId ?? "")).toMatchObject({ state: "live" });
    expect((await now(ticket)).state).not.toBe("rolledBack");
  });

  describe("beside a deployment that nobody works on any more", () => {
    /** Another ticket's deployment that was cut off: its intent stands, and the ticket is before a person. */
    const leftBeside = async ({ service, commit }: Soaking) => {
      const other = await bench.ticketFor(service, { state: "escalated" }, commit);
      const row = { key: `left ${other.id}`, ticketId: other.id, service: service.name, patchDigest: "e", branch: "b" };
      const grant = await bench.stores.journal.intend({
        ...row,
        commit: "d".repeat(40),
        previousCommit: commit,
        auto: true,
      });
      if (grant.kind !== "granted") throw new Error(grant.kind);
      bench.clock.advance(SOAK_MS);
      return { other, deployment: grant.deployment };
    };

    it("waits for no person's answer: what is live says what became of it", async () => {
      const made = await soaking();
      const { deployment } = await leftBeside(made);
      expect(await enter(made.ticket, made.world)).toMatchObject({ verifying: "held" });
      expect(await bench.stores.journal.get(deployment.id)).toMatchObject({ state: "rolledBack" });
    });

    it("waits while the ticket that it belongs to is being deployed", async () => {
      const made = await soaking();
      const { other, deployment } = await leftBeside(made);
      await bench.stores.tickets.update(other.id, () => ({ state: "deploying" }));
      expect(await enter(made.ticket, made.world)).toMatchObject({ verifying: "soaking" });
      expect(await bench.stores.journal.get(deployment.id)).toMatchObject({ state: "intended" });
    });

    it("calls a person when the service does not tell what is live", async () => {
      const made = await soaking();
      const { other } = await leftBeside(made);
      const target = { ...made.world.target, liveCommit: async () => null };
      expect(await enter(made.ticket, made.world, { target })).toEqual({
        verifying: "unknown",
        cause: expect.stringMatching(`whether it held cannot be told: what is live after .*${other.id}.* is not known`),
      });
      expect(await bench.stores.journal.inFlight(made.service.name)).toMatchObject({ ticketId: other.id });
      expect((await bench.kinds(made.ticket)).filter((kind) => kind.startsWith("fix."))).toEqual([]);
    });
  });

  it("goes on soaking when a newer commit goes in while it asks for health", async () => {
    const { ticket, service, world, commit } = await soaking();
    bench.clock.advance(SOAK_MS);
    const newer = "c".repeat(40);
    const wanted = {
      key: "newer",
      ticketId: "other",
      service: service.name,
      patchDigest: "d",
      branch: "b",
      auto: true,
    };
    const liveCommit = async () => {
      await bench.stores.journal.intend({ ...wanted, commit: newer, previousCommit: commit });
      return newer;
    };
    const target = { ...world.target, liveCommit };
    expect(await enter(ticket, world, { target })).toEqual({ verifying: "soaking", outcome: "soaking" });
    expect(world.effects).toEqual([`deploy ${commit}`]);
    expect((await now(ticket)).state).toBe("soaking");
  });

  it("does not call it rolled back when the roll back did not work", async () => {
    const { ticket, service, world } = await soaking({ rollbacks: 1, rollbackEnd: { kind: "exit", code: 9 } });
    bench.clock.advance(SOAK_MS);
    await crash(service);
    const update = await enter(ticket, world);
    expect(update).toMatchObject({ verifying: "recurred", cause: expect.stringMatching(/did not work: .*exit 9/) });
    expect((await now(ticket)).state).not.toBe("rolledBack");
    expect((await enter(ticket, world)).cause).toMatch(/did not work/);
    expect(await bench.stores.journal.inFlight(service.name)).toBeNull();
  });

  it("a later fix on top is watched by itself, and a roll back of it leaves the earlier one in place", async () => {
    const first = await soaking();
    const later = await bench.ticketFor(first.service, { issueIds: [await crash(first.service)] }, first.commit);
    // Not the deployer's business here: only what the journal says.
    const row = {
      key: `later ${later.id}`,
      ticketId: later.id,
      service: first.service.name,
      patchDigest: "e",
      branch: "b",
    };
    const grant = await bench.stores.journal.intend({
      ...row,
      commit: "9".repeat(40),
      previousCommit: first.commit,
      auto: true,
    });
    if (grant.kind !== "granted") throw new Error(grant.kind);
    await bench.stores.journal.settle(grant.deployment.id, grant.deployment.fencingToken, "live", "");
    await bench.stores.tickets.update(later.id, () => ({ state: "soaking", deploymentId: grant.deployment.id }));
    const world = bench.world({ live: "9".repeat(40), rollbacks: 1 });
    bench.clock.advance(SOAK_MS);
    await crash(first.service);
    await enter(await now(later), world);
    expect(world.effects).toEqual([`rollback ${first.commit}`]);
    expect(await bench.stores.journal.live(first.service.name)).toMatchObject({ commit: first.commit });
  });

  it("throws when the ticket was never deployed", async () => {
    const ticket = await bench.ticketFor(bench.service(), {}, BASE);
    await expect(enter(ticket, bench.world())).rejects.toThrow(/no deployment to verify/);
  });

  describe("killed at any point", () => {
    const killAndEnterAgain = async (
      n: number,
      script: Partial<ProductionScript>,
      recurs: boolean,
      meanwhile = () => {},
    ) => {
      const made = await soaking(script);
      meanwhile();
      bench.clock.advance(SOAK_MS);
      if (recurs) await crash(made.service, { release: made.commit });
      const { ports } = killedAt(bench.deps(made.world, { workspaces }), n);
      try {
        await createVerifierNode(ports)(bench.state(made.ticket), never);
        return null;
      } catch (error) {
        if (!(error instanceof Killed)) throw error;
      }
      return { ...made, update: await enter(made.ticket, made.world) };
    };

    it("heals once", async () => {
      let points = 0;
      for (let n = 0; ; n += 1) {
        const seen = await killAndEnterAgain(n, {}, false);
        if (seen === null) break;
        points += 1;
        expect(seen.update).toMatchObject({ verifying: "held", grade: "E3" });
        expect((await bench.kinds(seen.ticket)).filter((kind) => kind === "fix.held")).toHaveLength(1);
        expect(await bench.wakeUps(seen.ticket)).toEqual([]);
      }
      expect(points).toBeGreaterThan(8);
    });

    it.each([
      ["by an event", true],
      ["by its health", false],
    ])("rolls back once when it does not hold, seen %s", async (_how, recurs) => {
      let points = 0;
      for (let n = 0; ; n += 1) {
        let well = true;
        const fault = (live: string | null) => (well || live === BASE ? null : "down");
        const worsen = () => {
          well = recurs;
        };
        const seen = await killAndEnterAgain(n, { rollbacks: 1, fault }, recurs, worsen);
        if (seen === null) break;
        points += 1;
        expect(seen.update).toMatchObject({
          verifying: "recurred",
          cause: expect.stringMatching(/came back|not well/),
        });
        expect(seen.world.effects).toEqual([`deploy ${seen.commit}`, `rollback ${BASE}`]);
        expect((await now(seen.ticket)).state).toBe("rolledBack");
        expect(await bench.stores.journal.get(seen.ticket.deploymentId ?? "")).toMatchObject({ state: "rolledBack" });
        expect(await bench.stores.journal.inFlight(seen.service.name)).toBeNull();
        expect(await bench.wakeUps(seen.ticket)).toEqual([]);
      }
      expect(points).toBeGreaterThan(20);
    });

    it("rolls back at most once when nobody can tell what is live, and keeps the slot otherwise", async () => {
      let stuck = 0;
      for (let n = 0; ; n += 1) {
        const seen = await killAndEnterAgain(n, { rollbacks: 1, tells: false }, true);
        if (seen === null) break;
        const state = (await now(seen.ticket)).state;
        if (state !== "rolledBack") {
          stuck += 1;
          expect(seen.update.cause).toMatch(/what is live is not known/);
          expect(await bench.stores.journal.inFlight(seen.service.name)).toMatchObject({ state: "unknown" });
        }
        expect(seen.world.effects.length).toBeLessThanOrEqual(2);
      }
      expect(stuck).toBeGreaterThan(0);
    });
  });
});
