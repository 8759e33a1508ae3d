import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { createDeployerNode } from "../../../src/agents/deployer/node.ts";
import { TRY_AGAIN_MS } from "../../../src/agents/deployment/deps.ts";
import { nextStep, outcomeSeen } from "../../../src/agents/deployment/nextStep.ts";
import { createCommandTarget } from "../../../src/deploy/commandTarget.ts";
import type { DeployTarget } from "../../../src/domain/ports/deployTarget.ts";
import type { Service } from "../../../src/domain/service.ts";
import type { Ticket } from "../../../src/domain/ticket.ts";
import { createProcessRunner } from "../../../src/tools/sandbox/processRunner.ts";
import { fakeWorkspaces } from "../../helpers/fakeWorkspaces.ts";
import { temporaryFolder } from "../../helpers/gitRepository.ts";
import { Killed, killedAt } from "../../helpers/killed.ts";
import type { Production } from "../../helpers/production.ts";
import { type BenchDeps, type ReleaseBench, releaseBench } from "../../helpers/releaseBench.ts";

let bench: ReleaseBench;
beforeAll(async () => {
  bench = await releaseBench();
  return () => bench.stores.close();
});

const never = new AbortController().signal;

const enter = (ticket: Ticket, world: Production, overrides: Partial<BenchDeps> = {}, signal = never) =>
  createDeployerNode(bench.deps(world, overrides))(bench.state(ticket), signal);
const now = async (ticket: Ticket) => (await bench.stores.tickets.get(ticket.id)) ?? ticket;
const branchOf = (ticket: Ticket) => `auto-fix/ticket-${ticket.id}`;
const tip = (branch: string) => bench.repo.git("rev-parse", branch).trim();
const other = "f".repeat(40);

async function ready(service: Partial<Service> = {}, ticket: Partial<Ticket> = {}) {
  const made = bench.service(service);
  return { service: made, ticket: await bench.ticketFor(made, ticket) };
}

/** A deployment of another ticket of the service that holds the slot. */
function intendOther(service: Service, ticketId: string, commit = other) {
  const row = {
    key: `k ${ticketId}`,
    ticketId,
    service: service.name,
    patchDigest: "e".repeat(64),
    branch: "b",
    auto: true,
  };
  return bench.stores.journal.intend({ ...row, commit, previousCommit: bench.base });
}

describe("deployer", () => {
  it("commits, publishes, deploys, and starts to soak", async () => {
    const { service, ticket } = await ready({ soakMs: 5000 });
    const world = bench.world({ deploys: 1 });

    expect(await enter(ticket, world)).toEqual({ deploying: "live", verifying: "soaking", outcome: "soaking" });

    const commit = tip(branchOf(ticket));
    expect(world.effects).toEqual([`deploy ${commit}`]);
    expect(bench.repo.git("show", `${commit}:src/cart.js`)).toContain("user.address?.city");
    expect(bench.repo.git("rev-parse", `${commit}^`).trim()).toBe(bench.base);
    expect(await bench.stores.journal.live(service.name)).toMatchObject({
      commit,
      previousCommit: bench.base,
      auto: true,
    });
    const after = await now(ticket);
    expect(after).toMatchObject({ state: "soaking", reason: expect.stringMatching(/no health check is configured/) });
    expect(after.deploymentId).toBe((await bench.stores.journal.live(service.name))?.id);
    expect(await bench.kinds(ticket)).toEqual(["deploy.intended", "deploy.started", "deploy.live"]);
    expect(await bench.wakeUps(ticket)).toEqual([
      { ticketId: ticket.id, kind: "verify", dueAt: bench.clock.now() + 5000 },
    ]);
  });

  it("writes the receipt into the commit", async () => {
    const { ticket } = await ready();
    await enter(ticket, bench.world({ deploys: 1 }));
    const message = bench.repo.git("log", "-1", "--format=%B", branchOf(ticket));
    expect(message).toContain("reproduction: exit 1 on the base, exit 0 on the patch");
    expect(
      bench.repo.git("log", "-1", "--format=%(trailers:key=Selfheal-Ticket,valueonly)", branchOf(ticket)).trim(),
    ).toBe(ticket.id);
  });

  it("does nothing again when it is entered again", async () => {
    const { ticket } = await ready();
    const world = bench.world({ deploys: 1 });
    const first = await enter(ticket, world);
    expect(await enter(ticket, world)).toEqual(first);
    expect(world.effects).toHaveLength(1);
    expect(await bench.kinds(ticket)).toEqual(["deploy.intended", "deploy.started", "deploy.live"]);
  });

  it("rolls back when it is unhealthy, and says so", async () => {
    const { service, ticket } = await ready();
    const fault = (live: string | null) => (live === bench.base ? null : "answered 500");
    const world = bench.world({ deploys: 1, rollbacks: 1, fault });

    const update = await enter(ticket, world);
    expect(update).toEqual({
      deploying: "failed",
      cause: expect.stringMatching(/unhealthy: answered 500; rolled back to/),
    });
    expect(world.effects).toEqual([`deploy ${tip(branchOf(ticket))}`, `rollback ${bench.base}`]);
    expect(await bench.stores.journal.live(service.name)).toBeNull();
    expect(await now(ticket)).toMatchObject({ state: "rolledBack", deploymentId: expect.any(String) });
    expect((await bench.kinds(ticket)).slice(-2)).toEqual(["deploy.rolling_back", "deploy.rolled_back"]);
    expect(await enter(ticket, world)).toEqual(update);
  });

  it("rolls back from a checkout of what was live before", async () => {
    const { ticket } = await ready();
    const seen: string[] = [];
    const world = bench.world({ deploys: 1, rollbacks: 1, fault: (live) => (live === bench.base ? null : "down") });
    const target: DeployTarget = {
      ...world.target,
      rollback: (service, order, signal) => {
        seen.push(readFileSync(`${order.dir}/src/cart.js`, "utf8"));
        return world.target.rollback(service, order, signal);
      },
    };
    await enter(ticket, world, { target });
    expect(seen).toEqual(["export const city = (user) => user.address.city;\n"]);
  });

  it("rolls back when the deploy command fails", async () => {
    const { ticket } = await ready();
    const world = bench.world({ deploys: 1, rollbacks: 1, deployEnd: { kind: "exit", code: 3 } });
    expect(await enter(ticket, world)).toMatchObject({
      deploying: "failed",
      cause: expect.stringMatching(/the deploy command failed \(exit 3\): no such release; rolled back/),
    });
  });

  it("rolls back when the deploy command ends well and something else is live", async () => {
    const { ticket } = await ready();
    const world = bench.world({ deploys: 1, rollbacks: 1 });
    let deployed = false;
    const target: DeployTarget = {
      ...world.target,
      deploy: async (...args) => {
        deployed = true;
        return world.target.deploy(...args);
      },
      liveCommit: async (service) => {
        const told = await world.target.liveCommit(service);
        return deployed && told !== bench.base ? other : told;
      },
    };
    expect(await enter(ticket, world, { target })).toMatchObject({
      deploying: "failed",
      cause: expect.stringMatching(/ffffffffffff is live instead of/),
    });
  });

  it("does not call it rolled back when the roll back did not work", async () => {
    const { service, ticket } = await ready();
    const rollbackEnd = { kind: "timeout", afterMs: 5 } as const;
    const world = bench.world({ deploys: 1, rollbacks: 1, fault: () => "down", rollbackEnd });
    expect(await enter(ticket, world)).toMatchObject({
      deploying: "failed",
      cause: expect.stringMatching(/down; rolling back to \w+ did not work: the roll back failed \(timed out/),
    });
    expect((await bench.kinds(ticket)).at(-1)).toBe("deploy.failed");
    expect((await now(ticket)).state).not.toBe("rolledBack");
    expect(await bench.stores.journal.live(service.name)).toBeNull();
  });

  it("publishes a branch and proposes when there is no deploy command", async () => {
    const made = bench.service();
    const { deployCommand: _none, ...rest } = made;
    const ticket = await bench.ticketFor(made);
    const services = new Map([[made.name, rest]]);
    expect(await enter(ticket, bench.world(), { services })).toEqual({ deploying: "none", outcome: "proposed" });
    expect(await now(ticket)).toMatchObject({ state: "proposed", reason: expect.stringContaining(branchOf(ticket)) });
    expect(tip(branchOf(ticket))).toMatch(/^[0-9a-f]{40}$/);
  });

  it("leaves a branch that is there alone, and takes another name", async () => {
    const { ticket } = await ready();
    bench.repo.git("branch", branchOf(ticket), bench.base);
    const world = bench.world({ deploys: 1 });
    expect(await enter(ticket, world)).toMatchObject({ deploying: "live" });
    expect(tip(branchOf(ticket))).toBe(bench.base);
    expect(world.live).toBe(tip(`${branchOf(ticket)}-${ticket.patch?.digest.slice(0, 8)}`));
  });

  it("works with the service's own commands, there and back", async () => {
    const home = temporaryFolder("production");
    const commands = {
      deployCommand: `cp src/cart.js ${home}/ && echo $SELFHEAL_COMMIT > ${home}/live`,
      liveCommand: `cat ${home}/live`,
      health: { command: `grep -q '?.city' ${home}/cart.js`, timeoutMs: 30_000, intervalMs: 10_000, passes: 2 },
    };
    writeFileSync(join(home, "live"), bench.base);
    const target = createCommandTarget({
      processes: createProcessRunner(),
      dir: temporaryFolder("deploys"),
      clock: bench.clock,
      sleep: async (ms) => bench.clock.advance(ms),
    });
    const good = await ready(commands);
    expect(await enter(good.ticket, bench.world(), { target })).toMatchObject({ deploying: "live" });
    expect(readFileSync(join(home, "live"), "utf8").trim()).toBe(tip(branchOf(good.ticket)));

    writeFileSync(join(home, "live"), bench.base);
    const never = { ...commands.health, command: `! grep -q '?.city' ${home}/cart.js` };
    const bad = await ready({ ...commands, health: never });
    expect(await enter(bad.ticket, bench.world(), { target })).toMatchObject({
      deploying: "failed",
      cause: expect.stringMatching(/unhealthy: the health command: exit 1 .*; rolled back to/),
    });
    expect(readFileSync(join(home, "live"), "utf8").trim()).toBe(bench.base);
    expect(readFileSync(join(home, "cart.js"), "utf8")).not.toContain("?.");
  });

  describe("does not touch production", () => {
    it.each<[string, (ticket: Ticket) => Partial<Ticket>, RegExp]>([
      ["without a gate", () => ({ gate: null }), /the gate did not/],
      ["that the gate refused", (t) => ({ gate: t.gate && { ...t.gate, verdict: "refuse" } }), /the gate did not/],
      ["of another patch's gate", (t) => ({ gate: t.gate && { ...t.gate, patchDigest: "0" } }), /the gate did not/],
      ["that nobody approved", (t) => ({ gate: t.gate && { ...t.gate, verdict: "ask" } }), /nobody approved/],
      [
        "that was approved for another patch",
        (t) => ({
          gate: t.gate && { ...t.gate, verdict: "ask" },
          decisions: [{ type: "approve", by: "ann", message: "", patchDigest: "0" }],
        }),
        /nobody approved/,
      ],
    ])("with a patch %s", async (_what, change, cause) => {
      const { ticket } = await ready();
      await bench.stores.tickets.update(ticket.id, change);
      expect(await enter(ticket, bench.world())).toEqual({ deploying: "failed", cause: expect.stringMatching(cause) });
    });

    it("when the stored diff is not the patch's", async () => {
      const { ticket } = await ready();
      const blobs = { ...bench.stores.blobs, get: async () => bench.diff.replace('""', '"x"') };
      expect(await enter(ticket, bench.world(), { blobs })).toMatchObject({
        deploying: "failed",
        cause: expect.stringMatching(/does not match/),
      });
    });

    it("when the run decided on another patch", async () => {
      const { ticket } = await ready();
      const state = bench.state(ticket, { patchDigest: "0".repeat(64) });
      const update = await createDeployerNode(bench.deps(bench.world()))(state, never);
      expect(update).toMatchObject({ deploying: "failed", cause: expect.stringMatching(/not the one/) });
    });

    it("while selfheal is paused", async () => {
      const { ticket } = await ready();
      const paused = async () => true;
      expect(await enter(ticket, bench.world(), { paused })).toEqual({ deploying: "busy", outcome: "deploying" });
      expect(await bench.wakeUps(ticket)).toEqual([
        { ticketId: ticket.id, kind: "deploy", dueAt: bench.clock.now() + TRY_AGAIN_MS },
      ]);
      await enter(ticket, bench.world(), { paused });
      expect(await bench.kinds(ticket)).toEqual(["deploy.busy"]);
      expect(await enter(ticket, bench.world({ deploys: 1 }))).toMatchObject({ deploying: "live" });
    });

    it("when it is paused between the intent and the deploy command", async () => {
      const { ticket } = await ready();
      const answers = [false, true];
      const world = bench.world({ deploys: 1, tells: false });
      const paused = async () => answers.shift() ?? false;
      expect(await enter(ticket, world, { paused })).toMatchObject({ deploying: "busy" });
      expect(world.effects).toEqual([]);
      expect(await enter(ticket, world, { paused })).toMatchObject({ deploying: "live" });
    });

    it("while another ticket's deployment is in flight", async () => {
      const { service, ticket } = await ready();
      const holder = await bench.ticketFor(service);
      await intendOther(service, holder.id);
      expect(await enter(ticket, bench.world())).toMatchObject({ deploying: "busy" });
      expect(bench.repo.git("branch", "--list", branchOf(ticket))).toBe("");
      expect((await now(ticket)).reason).toContain(holder.id);
    });

    it("when the branch moved on: the patch is ported first", async () => {
      const { service, ticket } = await ready();
      const deps = bench.deps(bench.world());
      const workspaces = { ...deps.workspaces, head: async () => other, contains: async () => false };
      expect(await enter(ticket, bench.world(), { workspaces })).toEqual({ deploying: "moved" });
      expect(await bench.stores.journal.inFlight(service.name)).toBeNull();
    });

    it("when the base moves just before the slot is taken", async () => {
      const { service, ticket } = await ready();
      const { workspaces } = bench.deps(bench.world());
      const heads = [bench.base, other];
      const moving = { ...workspaces, head: async () => heads.shift() ?? other };
      expect(await enter(ticket, bench.world(), { workspaces: moving })).toEqual({ deploying: "moved" });
      expect(await bench.stores.journal.inFlight(service.name)).toBeNull();
    });

    it("when the live commit and the branch have diverged", async () => {
      const { service, ticket } = await ready();
      const grant = await intendOther(service, ticket.id);
      if (grant.kind !== "granted") throw new Error(grant.kind);
      await bench.stores.journal.settle(grant.deployment.id, grant.deployment.fencingToken, "live", "by hand");
      expect(await enter(ticket, bench.world())).toMatchObject({
        deploying: "failed",
        cause: expect.stringMatching(/diverged/),
      });
    });

    it("when production runs what the base does not contain", async () => {
      const { ticket } = await ready();
      expect(await enter(ticket, bench.world({ live: other }))).toMatchObject({
        deploying: "failed",
        cause: expect.stringMatching(/diverged/),
      });
    });
  });

  it("is not automatic when a person approved it", async () => {
    const { service, ticket } = await ready();
    const approve = { type: "approve" as const, by: "ann", message: "", patchDigest: ticket.patch?.digest };
    await bench.stores.tickets.update(ticket.id, (t) => ({
      gate: t.gate && { ...t.gate, verdict: "ask", missing: ["autonomyFull"] },
      decisions: [{ ...approve, patchDigest: ticket.patch?.digest ?? "" }],
    }));
    expect(await enter(ticket, bench.world({ deploys: 1 }))).toMatchObject({ deploying: "live" });
    expect(await bench.stores.journal.live(service.name)).toMatchObject({ auto: false });
    expect(bench.repo.git("log", "-1", "--format=%B", branchOf(ticket))).toContain(
      "Decided by: ann, asked because of autonomyFull",
    );
  });

  describe("a slot that nobody works on any more", () => {
    it.each<[string, (commit: string) => string | null, string]>([
      ["is settled as rolled back when the previous commit is live", () => bench.base, "rolledBack"],
      ["stays taken while nobody can tell", () => null, "unknown"],
    ])("%s", async (_what, live, state) => {
      const { service, ticket } = await ready();
      const holder = await bench.ticketFor(service, { state: "escalated" });
      const grant = await intendOther(service, holder.id);
      if (grant.kind !== "granted") throw new Error(grant.kind);
      const { id, fencingToken } = grant.deployment;
      await bench.stores.journal.settle(id, fencingToken, "unknown", "killed");
      const update = await enter(ticket, bench.world({ live: live(other), deploys: 1 }));
      expect(update.deploying).toBe(state === "unknown" ? "unknown" : "live");
      expect((await bench.stores.journal.get(id))?.state).toBe(state);
    });
  });

  it("stops between two effects when it is aborted, and goes on later", async () => {
    const { ticket } = await ready();
    const stop = new AbortController();
    const world = bench.world({ deploys: 1 });
    const target: DeployTarget = {
      ...world.target,
      deploy: async (...args) => {
        const result = await world.target.deploy(...args);
        stop.abort(new Error("shut down"));
        return result;
      },
    };
    await expect(enter(ticket, world, { target }, stop.signal)).rejects.toThrow("shut down");
    expect(await enter(ticket, world)).toMatchObject({ deploying: "live" });
    expect(world.effects).toHaveLength(1);
  });

  describe("killed at any point", () => {
    // Without git, which is deterministic here and costs most of the time: only the order of effects matters.
    const { workspaces, branches } = fakeWorkspaces("b".repeat(40));
    const base = "b".repeat(40);
    const tip = (ticket: Ticket) => branches.get(branchOf(ticket));

    const until = async (ticket: Ticket, world: Production) => {
      for (let i = 0; i < 3; i += 1) {
        const update = await enter(ticket, world, { workspaces });
        if (update.deploying !== "busy") return update;
      }
      throw new Error("still busy");
    };

    /** Kills at call n of a first run, and enters again; gives null when the run ends before that call. */
    const killAndEnterAgain = async (n: number, script: Parameters<ReleaseBench["world"]>[0]) => {
      const service = bench.service();
      const ticket = await bench.ticketFor(service, {}, base);
      const world = bench.world({ live: base, ...script });
      const { ports } = killedAt(bench.deps(world, { workspaces }), n);
      try {
        await createDeployerNode(ports)(bench.state(ticket), never);
        return null;
      } catch (error) {
        if (!(error instanceof Killed)) throw error;
      }
      return { service, ticket, world, update: await until(ticket, world) };
    };

    it("deploys once when it goes well", async () => {
      let points = 0;
      for (let n = 0; ; n += 1) {
        const seen = await killAndEnterAgain(n, { deploys: 1 });
        if (seen === null) break;
        points += 1;
        const commit = tip(seen.ticket);
        expect(seen.update).toMatchObject({ deploying: "live", verifying: "soaking" });
        expect(seen.world.effects).toEqual([`deploy ${commit}`]);
        expect(await bench.stores.journal.live(seen.service.name)).toMatchObject({ commit });
        expect(await now(seen.ticket)).toMatchObject({ state: "soaking", deploymentId: expect.any(String) });
        expect(await bench.wakeUps(seen.ticket)).toMatchObject([{ kind: "verify" }]);
        expect((await bench.kinds(seen.ticket)).filter((kind) => kind === "deploy.live")).toHaveLength(1);
      }
      expect(points).toBeGreaterThan(20);
    });

    it("deploys once and rolls back once when it is unhealthy", async () => {
      const fault = (live: string | null) => (live === base ? null : "down");
      let points = 0;
      for (let n = 0; ; n += 1) {
        const seen = await killAndEnterAgain(n, { deploys: 1, rollbacks: 1, fault });
        if (seen === null) break;
        points += 1;
        expect(seen.update).toMatchObject({ deploying: "failed", cause: expect.stringMatching(/rolled back to/) });
        expect(seen.world.effects).toEqual([`deploy ${tip(seen.ticket)}`, `rollback ${base}`]);
        expect((await now(seen.ticket)).state).toBe("rolledBack");
      }
      expect(points).toBeGreaterThan(20);
    });

    it("deploys at most once when nobody can tell what is live, and asks a person otherwise", async () => {
      const outcomes = new Set<string>();
      for (let n = 0; ; n += 1) {
        const seen = await killAndEnterAgain(n, { deploys: 1, tells: false });
        if (seen === null) break;
        outcomes.add(seen.update.deploying ?? "");
        if (seen.update.deploying === "live") expect(seen.world.effects).toHaveLength(1);
        else expect(seen.update).toMatchObject({ deploying: "unknown", cause: expect.stringMatching(/does not tell/) });
      }
      expect(outcomes).toEqual(new Set(["live", "unknown"]));
    });
  });
});

describe("recovery", () => {
  const deployment = { commit: "new", previousCommit: "old" };
  const seen = { live: null as string | null, started: false, rollingBack: false };
  it.each<[string, Partial<typeof seen>, ReturnType<typeof nextStep>]>([
    ["nothing had begun", {}, "deploy"],
    ["nothing had begun, old is live", { live: "old" }, "deploy"],
    ["started, old is live", { live: "old", started: true }, "deploy"],
    ["started, new is live", { live: "new", started: true }, "health"],
    ["new is live, however it came there", { live: "new" }, "health"],
    ["started, nobody knows", { started: true }, "unknown"],
    ["another one is live", { live: "else" }, "unknown"],
    ["another one is live, started", { live: "else", started: true }, "unknown"],
    ["rolling back, new is live", { live: "new", started: true, rollingBack: true }, "rollBack"],
    ["rolling back, old is live", { live: "old", started: true, rollingBack: true }, "confirm"],
    ["rolling back, nobody knows", { started: true, rollingBack: true }, "unknown"],
    ["rolling back, another one is live", { live: "else", started: true, rollingBack: true }, "unknown"],
  ])("%s", (_what, given, step) => {
    expect(nextStep(deployment, { ...seen, ...given })).toBe(step);
  });

  it.each<[string | null, string | undefined]>([
    ["new", "live"],
    ["old", "rolledBack"],
    ["else", "failed"],
    [null, undefined],
  ])("an abandoned deployment, with %s live, counts as %s", (live, state) => {
    expect(outcomeSeen(deployment, live)?.state).toBe(state);
  });
});
