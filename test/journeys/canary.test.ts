import { describe, expect, it } from "vitest";
import { codes, repairs, testSystem, tinyCrash } from "../helpers/system.ts";

const RULES = { windowMs: 60_000, maxWindowMs: 180_000, everyMs: 30_000, minRequests: 100 };
/** Right for the user that crashed, wrong for everybody else; the quick suite does not see it. */
const WRONG = "  const name = user.profile === undefined ? null : user.profile.nmae.trim();";

describe("a fix goes live for a part of the traffic first", () => {
  it("and for all of it once the canary is healthy: held, and E3", async () => {
    const t = await testSystem({ canary: RULES });
    const id = await t.crash(tinyCrash());
    expect(await t.ticket(id)).toMatchObject({
      state: "deploying",
      reason: expect.stringMatching(/part of the traffic/),
    });
    expect(t.tiny.canary()).toBe(t.tiny.git("rev-parse", `auto-fix/ticket-${id}`));
    expect(t.tiny.live()).toBe(t.tiny.head);
    expect(t.tiny.answer()).toBe("crashed");

    await t.tiny.serve(500);
    await t.fireDue(30_000);
    expect((await t.ticket(id)).reason).toMatch(/50 of 100 requests on the canary/);
    await t.tiny.serve(1000);
    await t.fireDue(30_000);

    expect(await t.ticket(id)).toMatchObject({ state: "soaking" });
    expect(t.tiny.canary()).toBeNull();
    expect(t.tiny.answer()).toBe("Hello, guest");
    await t.fireDue(2000);
    const healed = await t.ticket(id);
    expect(healed).toMatchObject({ state: "healed", evidence: { grade: "E3" } });
    expect(healed.evidence?.notChecked).not.toContain("canary");
    expect(t.tiny.deploys()).toHaveLength(1);
    const kinds = (await t.audit(id)).filter((kind) => kind.startsWith("canary."));
    expect(kinds).toEqual(["canary.began", "canary.read", "canary.read", "canary.promoted"]);
    expect(t.faults).toEqual([]);
  });

  it("and is taken out when it breaks what worked: only a tenth of the traffic ever saw it", async () => {
    const t = await testSystem({ canary: RULES, brains: { coder: codes(repairs(WRONG)) } });
    const id = await t.crash(tinyCrash());
    // A wrong repair is no admitted edit: only a person lets it go on.
    await t.answer(id, { type: "approve", by: "mia", message: "" });
    expect(t.tiny.canary()).not.toBeNull();
    await t.tiny.serve(400);
    await t.fireDue(30_000);

    const escalated = await t.ticket(id);
    expect(escalated).toMatchObject({ state: "escalated", approval: { kind: "escalate" } });
    expect(escalated.approval?.reasons.join()).toMatch(/canary is unhealthy: more errors than the baseline: 30 of 40/);
    expect(t.tiny.canary()).toBeNull();
    expect(t.tiny.live()).toBe(t.tiny.head);
    expect(t.tiny.deploys()).toEqual([]);
    expect(await t.audit(id)).toContain("canary.aborted");
    // Nothing wakes it up again.
    await t.fireDue(600_000);
    expect((await t.ticket(id)).state).toBe("escalated");
  });

  it("and waits for a person when nobody visits: their no takes it out", async () => {
    const t = await testSystem({ canary: RULES });
    const id = await t.crash(tinyCrash());
    for (let i = 0; i < 7; i += 1) await t.fireDue(30_000);
    const asked = await t.ticket(id);
    expect(asked).toMatchObject({ state: "awaitingApproval", approval: { kind: "approveDeploy" } });
    expect(asked.reason).toMatch(/canaryInconclusive: too little traffic: 0 of 100 requests/);
    // The wake-up leaves the question alone.
    await t.fireDue(30_000);
    expect(await t.ticket(id)).toMatchObject({ state: "awaitingApproval" });
    expect(t.tiny.canary()).not.toBeNull();

    await t.answer(id, { type: "reject", by: "mia", message: "not today" });
    await t.fireDue(30_000);
    expect(t.tiny.canary()).toBeNull();
    expect(await t.ticket(id)).toMatchObject({ state: "rejected", reason: "not today" });
    expect(t.tiny.deploys()).toEqual([]);
  });

  it("and is taken out while a person is asked, once it turns out to be sick; a yes that comes later puts nothing live", async () => {
    const t = await testSystem({ canary: RULES, brains: { coder: codes(repairs(WRONG)) } });
    const id = await t.crash(tinyCrash());
    await t.answer(id, { type: "approve", by: "mia", message: "" });
    for (let i = 0; i < 7; i += 1) await t.fireDue(30_000);
    const asked = await t.ticket(id);
    expect(asked.approval?.reasons.join()).toMatch(/canaryInconclusive/);
    await t.fireDue(30_000);
    expect(t.tiny.canary()).not.toBeNull();

    // Cut off once it is out, before that is on record.
    const { journal } = t.system.stores;
    const settle = journal.settle;
    let cuts = 1;
    journal.settle = (...end) => (cuts-- > 0 ? Promise.reject(new Error("cut off")) : settle(...end));
    await t.tiny.serve(400);
    await t.fireDue(30_000);
    expect(t.tiny.canary()).toBeNull();
    expect((await t.ticket(id)).approval).toEqual(asked.approval);
    await t.fireDue(30_000);
    const told = await t.ticket(id);
    expect(told).toMatchObject({ state: "awaitingApproval", approval: { askedAt: asked.approval?.askedAt } });
    expect(told.approval?.reasons.at(-1)).toMatch(/canary is unhealthy: .*30 of 40.*the canary was taken out/);
    expect((await t.audit(id)).slice(-3)).toEqual(["deploy.rolling_back", "canary.aborted", "deploy.rolled_back"]);
    expect(await t.system.stores.wakeUps.due(t.clock.now() + 3_600_000)).toMatchObject([{ kind: "remind" }]);

    const patchDigest = asked.patch?.digest ?? "";
    const after = await t.answer(id, { type: "approve", by: "mia", message: "", patchDigest });
    expect(after).toMatchObject({ state: "escalated", approval: { kind: "escalate" } });
    expect(after.approval?.reasons.join()).toMatch(/canary is unhealthy/);
    expect([t.tiny.deploys(), t.tiny.canary(), t.tiny.live()]).toEqual([[], null, t.tiny.head]);
    const outcomes = await t.system.stores.trackRecord.list({ service: "tiny" });
    expect(outcomes.filter(({ outcome }) => outcome === "reverted")).toHaveLength(1);
  });

  it("and for all of it by their yes, which is no E3", async () => {
    const t = await testSystem({ canary: RULES });
    const id = await t.crash(tinyCrash());
    for (let i = 0; i < 7; i += 1) await t.fireDue(30_000);
    const patchDigest = (await t.ticket(id)).patch?.digest ?? "";
    await t.answer(id, { type: "approve", by: "mia", message: "", patchDigest });
    expect(await t.ticket(id)).toMatchObject({ state: "soaking" });
    await t.fireDue(2000);
    expect(await t.ticket(id)).toMatchObject({ state: "healed", evidence: { grade: "E2" } });
    expect(t.tiny.answer()).toBe("Hello, guest");
  });
});
