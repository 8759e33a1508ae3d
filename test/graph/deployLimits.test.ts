import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Batch } from "../../src/domain/issue.ts";
import { createRunAdmission } from "../../src/server/runAdmission.ts";
import { codes, repairs, type TestSystem, testSystem, tinyCrash } from "../helpers/system.ts";
import { buildTicket } from "../helpers/ticketBuilder.ts";

/** A deployment of another service that was taken back. */
async function rolledBack({ system, tiny }: TestSystem, key: string): Promise<void> {
  const { journal } = system.stores;
  const wanted = { key, ticketId: key, service: key, patchDigest: "d".repeat(64), branch: "b", auto: true };
  const grant = await journal.intend({ ...wanted, commit: "e".repeat(40), previousCommit: tiny.head });
  if (grant.kind !== "granted") throw new Error(grant.kind);
  await journal.settle(grant.deployment.id, grant.deployment.fencingToken, "rolledBack", "unhealthy");
}

describe("the kill switch", () => {
  it("as a file: nothing is deployed while it is there, nobody is asked, and it goes on when it is gone", async () => {
    const t = await testSystem();
    const file = join(t.system.config.dataDir, "PAUSE");
    writeFileSync(file, "");
    expect(await t.system.killSwitch.reason()).toContain(file);
    const id = await t.crash(tinyCrash());
    expect(await t.ticket(id)).toMatchObject({ state: "deploying", gate: { missing: ["notPaused"] } });
    await t.fireDue(5000);
    expect(t.tiny.deploys()).toEqual([]);
    rmSync(file);
    await t.fireDue(5000);
    expect(await t.ticket(id)).toMatchObject({ state: "soaking" });
  });

  it("stops a deployment that was decided, between the decision and the effect", async () => {
    const t = await testSystem();
    const { settings } = t.system.stores;
    const intend = t.system.stores.journal.intend;
    // The last thing before the effect.
    t.system.stores.journal.intend = async (...args) => {
      await settings.set("paused", "true");
      return intend(...args);
    };
    const id = await t.crash(tinyCrash());
    expect(await t.ticket(id)).toMatchObject({ state: "deploying", reason: expect.stringContaining("paused") });
    expect(t.tiny.deploys()).toEqual([]);
    t.system.stores.journal.intend = intend;
    await settings.set("paused", "false");
    await t.fireDue(5000);
    expect(await t.ticket(id)).toMatchObject({ state: "soaking" });
    expect(t.tiny.deploys()).toHaveLength(1);
  });
});

describe("the breaker", () => {
  it("opens for all after two roll backs in a day, says so once, and closes by a person's word", async () => {
    const t = await testSystem();
    await rolledBack(t, "one");
    expect(await t.system.breaker.noteRollBack()).toBe(false);
    await rolledBack(t, "two");
    expect(await t.system.breaker.noteRollBack()).toBe(true);
    expect(await t.system.breaker.noteRollBack()).toBe(false);
    const id = await t.crash(tinyCrash());
    expect(await t.ticket(id)).toMatchObject({ state: "awaitingApproval", gate: { missing: ["breakerClosed"] } });
    await t.system.breaker.close("ada");
    expect(await t.system.breaker.state()).toEqual({ open: false, rollbacks: 0 });
    await t.answer(id, { type: "reject", by: "ada", message: "" });
    expect(await t.system.stores.audit.list({ limit: 50 })).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ kind: "breaker.opened" }),
        expect.objectContaining({ kind: "breaker.closed", actor: "person:ada" }),
      ]),
    );
  });

  it("closes by itself after a day", async () => {
    const t = await testSystem();
    for (const key of ["one", "two"]) await rolledBack(t, key);
    expect(await t.system.breaker.state()).toEqual({ open: true, rollbacks: 2 });
    t.clock.advance(24 * 3_600_000 + 1);
    expect(await t.system.breaker.state()).toEqual({ open: false, rollbacks: 0 });
  });
});

describe("a loop", () => {
  it("a fix that takes an earlier fix back is put before a person", async () => {
    const undo = async (...[{ workspace }]: Parameters<ReturnType<typeof repairs>>) => {
      const source = await workspace.read("src/greet.js");
      const mended = "  const name = user.profile?.name;";
      if (!source.includes(mended)) return repairs()({ workspace } as Parameters<ReturnType<typeof repairs>>[0]);
      await workspace.write("src/greet.js", source.replace(mended, "  const name = user.profile.name;"));
      return { kind: "patch" as const, by: "rules:scripted", explanation: "undo", rejected: [], tokens: 0 };
    };
    const t = await testSystem({ brains: { coder: codes(undo) }, settings: { reproduceCommand: "true" } });
    const first = await t.crash(tinyCrash());
    await t.answer(first, { type: "approve", by: "ada", message: "" });
    expect(await t.ticket(first)).toMatchObject({ state: "soaking" });
    const second = await t.crash(tinyCrash({}, { function: "shout", line: 2 }));
    expect((await t.ticket(second)).gate?.missing).toContain("notUndoingFix");
    expect((await t.ticket(first)).gate?.missing).not.toContain("notUndoingFix");
  });
});

describe("the intake of batches", () => {
  const batch = { service: "tiny" } as Batch;

  it("waits while the kill switch is on, or a service has its fill of open tickets", async () => {
    const t = await testSystem({ config: { maxOpenTickets: 2 } });
    const mayStart = createRunAdmission(t.system);
    expect(await mayStart(batch)).toBe(true);
    const { tickets, settings } = t.system.stores;
    const [first] = [await tickets.open(buildTicket({ service: "tiny", state: "coding" }))];
    await tickets.open(buildTicket({ service: "tiny", state: "awaitingApproval" }));
    await tickets.open(buildTicket({ service: "tiny", state: "healed" }));
    expect(await mayStart(batch)).toBe(false);
    expect(await mayStart({ ...batch, service: "other" })).toBe(true);
    await tickets.update(first.id, () => ({ state: "abstained" }));
    expect(await mayStart(batch)).toBe(true);
    await settings.set("paused", "true");
    expect(await mayStart(batch)).toBe(false);
    expect(t.faults).toHaveLength(1);
  });
});

describe("a process that was stopped past its lease", () => {
  it("does nothing to production with what it decided before: it starts over, and deploys once", async () => {
    const t = await testSystem();
    const { journal } = t.system.stores;
    const intend = journal.intend;
    journal.intend = async (...args) => {
      const grant = await intend(...args);
      // Stopped here, between the grant and the effect, for days.
      t.clock.advance(8 * 24 * 3_600_000);
      journal.intend = intend;
      return grant;
    };
    const id = await t.crash(tinyCrash());
    expect(t.tiny.deploys()).toEqual([]);
    expect(await t.ticket(id)).toMatchObject({ state: "deploying", reason: expect.stringContaining("lease") });
    await t.fireDue(2000);
    expect(t.tiny.deploys()).toHaveLength(1);
    expect((await t.ticket(id)).state).toBe("soaking");
  });
});
