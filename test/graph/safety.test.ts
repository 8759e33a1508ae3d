import { writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { codes, repairs, type TestSystem, testSystem, tinyCrash } from "../helpers/system.ts";
import { buildTicket } from "../helpers/ticketBuilder.ts";

const yes = { type: "approve", by: "ada", message: "" } as const;
const WRONG = "  const name = user.profile.nam;";

/** Another ticket's deployment of the service that is under way, and counts as automatic. */
async function otherDeploys({ system, tiny }: TestSystem, service = "tiny"): Promise<() => Promise<void>> {
  const { journal, tickets } = system.stores;
  const other = await tickets.open(buildTicket({ project: "test", service, state: "deploying" }));
  const at = { branch: "b", commit: "e".repeat(40), previousCommit: tiny.head, auto: true };
  const grant = await journal.intend({
    key: other.id,
    ticketId: other.id,
    service,
    patchDigest: "d".repeat(64),
    ...at,
  });
  return async () => {
    if (grant.kind === "granted")
      await journal.settle(grant.deployment.id, grant.deployment.fencingToken, "failed", "made room");
  };
}

describe("what a person turned down is not deployed", () => {
  it("by a wake-up that was set before they were asked", async () => {
    const t = await testSystem({ config: { maxAutoDeploysPerHour: 2 } });
    const settle = await otherDeploys(t);
    const id = await t.crash(tinyCrash());
    expect(await t.ticket(id)).toMatchObject({ state: "deploying", gate: { verdict: "auto" } });
    await otherDeploys(t, "elsewhere");
    await t.fireDue(2000);
    expect(await t.ticket(id)).toMatchObject({ state: "awaitingApproval", gate: { missing: ["rateHour"] } });
    expect(await t.answer(id, { type: "reject", by: "ada", message: "no" })).toMatchObject({ state: "rejected" });
    await settle();
    await t.fireDue(3_600_000);
    await t.fireDue(120_000);
    expect((await t.ticket(id)).state).toBe("rejected");
    expect(t.tiny.deploys()).toEqual([]);
    // However the run is entered.
    await t.runner.start(id, { entry: "deploy", ticketId: id });
    await t.runner.idle();
    expect(t.tiny.deploys()).toEqual([]);
  });

  it("by an edit that could not be taken: the question is asked again, with the reason", async () => {
    const t = await testSystem({ config: { maxAutoDeploysPerHour: 0 } });
    const id = await t.crash(tinyCrash());
    expect(await t.ticket(id)).toMatchObject({ state: "awaitingApproval", gate: { missing: ["rateHour"] } });
    const after = await t.answer(id, { type: "edit", by: "ada", message: "", diff: "this is no diff" });
    expect(t.tiny.deploys()).toEqual([]);
    expect(after.state).toBe("awaitingApproval");
    expect(after.reason).toContain("the edited diff was not taken");
  });

  it("on a new ticket for the same Issue", async () => {
    const t = await testSystem({ config: { maxAutoDeploysPerHour: 0 } });
    const first = await t.crash(tinyCrash());
    await t.answer(first, { type: "reject", by: "ada", message: "wrong place" });
    const second = await t.crash(tinyCrash());
    expect(second).not.toBe(first);
    const missing = ["rateHour", "notTurnedDown"];
    expect(await t.ticket(second)).toMatchObject({ state: "awaitingApproval", gate: { missing } });
    expect(t.tiny.deploys()).toEqual([]);
    expect((await t.answer(second, yes)).state).toBe("soaking");
  });

  it("and a person's own diff that fails its test comes back to them, not to the coder", async () => {
    const t = await testSystem({ config: { autonomy: "supervised" } });
    const id = await t.crash(tinyCrash());
    const diff = [
      "diff --git a/src/greet.js b/src/greet.js",
      "--- a/src/greet.js",
      "+++ b/src/greet.js",
      "@@ -5,4 +5,4 @@",
      " export function greet(user) {",
      "-  const name = user.profile.name;",
      `+${WRONG}`,
      '   return "Hello, " + (name ?? "guest");',
      " }",
      "",
    ].join("\n");
    const after = await t.answer(id, { type: "edit", by: "ada", message: "", diff });
    expect(after).toMatchObject({ state: "escalated", patch: { by: "person:ada" } });
    expect(after.attempts).toHaveLength(2);
  });
});

describe("a yes", () => {
  it("does not stand when the patch on its new base falls short of what was seen", async () => {
    const t = await testSystem({
      files: { "suite.sh": "echo 1 test passed\n" },
      settings: { testCommand: "sh suite.sh" },
      config: { autonomy: "supervised" },
    });
    const id = await t.crash(tinyCrash());
    const asked = await t.ticket(id);
    expect(asked.gate?.missing).toEqual(["autonomyFull"]);
    writeFileSync(`${t.tiny.repo}/suite.sh`, "exit 1\n");
    t.tiny.git("commit", "-q", "-a", "-m", "Break the suite");
    const after = await t.answer(id, { ...yes, patchDigest: asked.patch?.digest });
    expect(after).toMatchObject({ state: "awaitingApproval" });
    expect(after.gate?.missing).toContain("suitePassed");
    expect(t.tiny.deploys()).toEqual([]);
    expect((await t.answer(id, { ...yes, patchDigest: after.patch?.digest })).state).toBe("soaking");
  });

  it("to a plan is no yes to a patch, whatever digest comes with it", async () => {
    const t = await testSystem({ config: { autonomy: "supervised", approvePlan: true } });
    const first = await testSystem({ config: { autonomy: "assist" } });
    const digest = (await first.ticket(await first.crash(tinyCrash()))).patch?.digest;
    const id = await t.crash(tinyCrash());
    const after = await t.answer(id, { ...yes, patchDigest: digest });
    expect(after).toMatchObject({ state: "awaitingApproval", approval: { kind: "approveDeploy" }, patch: { digest } });
  });
});

describe("switched off", () => {
  it.each(["full", "supervised"])("enabled: false deploys nothing, approved or not (%s)", async (autonomy) => {
    const t = await testSystem({ config: { enabled: false, autonomy } });
    const id = await t.crash(tinyCrash());
    if (autonomy === "supervised") await t.answer(id, yes);
    expect(await t.ticket(id)).toMatchObject({ state: "deploying", reason: expect.stringContaining("paused") });
    await t.fireDue(60_000);
    expect(t.tiny.deploys()).toEqual([]);
  });

  it("paused: what waits to be deployed starts no runs, and goes on when it is over", async () => {
    const t = await testSystem({ config: { autonomy: "supervised" } });
    const id = await t.crash(tinyCrash());
    await t.system.stores.settings.set("paused", "true");
    await t.answer(id, yes);
    const count = () => t.system.stores.checkpoints.prepare("SELECT count(*) AS n FROM checkpoints").get();
    const before = count();
    for (let i = 0; i < 5; i += 1) await t.fireDue(5000);
    expect(count()).toEqual(before);
    await t.system.stores.settings.set("paused", "false");
    await t.fireDue(5000);
    expect(await t.ticket(id)).toMatchObject({ state: "soaking" });
  });
});

describe("a question", () => {
  it("is not asked again and again, and a ticket that a person closed stays closed, after a wake-up that failed", async () => {
    const t = await testSystem();
    const id = await t.crash(tinyCrash());
    const { journal } = t.system.stores;
    const get = journal.get;
    journal.get = async () => {
      throw new Error("the journal cannot be read");
    };
    await t.fireDue(2000);
    expect((await t.ticket(id)).state).toBe("escalated");
    await t.fireDue(61_000);
    expect((await t.audit(id)).filter((kind) => kind === "ticket.escalated")).toHaveLength(1);
    await t.answer(id, { type: "dismiss", by: "ada", message: "known" });
    journal.get = get;
    await t.fireDue(120_000);
    expect(await t.ticket(id)).toMatchObject({ state: "dismissed", reason: "known" });
  });

  it("about a ticket whose patch changed under a failing coder can still be answered", async () => {
    const t = await testSystem({ brains: { coder: codes(repairs(WRONG, "  const name = user.profile.na;")) } });
    const { audit } = t.system.stores;
    const append = audit.append;
    let written = 0;
    audit.append = async (entry) => {
      if (entry.kind === "patch.written") written += 1;
      if (written > 1 && entry.kind === "patch.written") throw new Error("the disk is full");
      return append(entry);
    };
    const id = await t.crash(tinyCrash());
    const asked = await t.ticket(id);
    expect(asked).toMatchObject({ state: "escalated", reason: "coder failed: the disk is full" });
    const patchDigest = asked.approval?.patchDigest ?? undefined;
    const answer = { type: "dismiss", by: "ada", message: "known", ...(patchDigest && { patchDigest }) } as const;
    expect((await t.answer(id, answer)).state).toBe("dismissed");
  });

  it("tells the log who is asked about, and nothing of what the event says", async () => {
    const t = await testSystem({ config: { autonomy: "supervised" } });
    const told: string[] = [];
    const { log } = t.system;
    log.info = (message, facts) => void told.push(`${message} ${JSON.stringify(facts)}`);
    const id = await t.crash(tinyCrash());
    await t.system.sendNotifications();
    expect(told.join("\n")).toContain(id);
    expect(told.join("\n")).not.toContain("Cannot read properties");
  });
});

describe("taking over", () => {
  it("after a roll back names the branch that has the work", async () => {
    const health = { command: "exit 1", passes: 1, intervalMs: 50, timeoutMs: 200 };
    const t = await testSystem({ settings: { health } });
    // The clock stands still, so health would be asked for ever: it moves by itself here.
    const moving = setInterval(() => t.clock.advance(100), 20);
    const id = await t.crash(tinyCrash());
    clearInterval(moving);
    expect((await t.ticket(id)).state).toBe("escalated");
    const after = await t.answer(id, { type: "takeOver", by: "ada", message: "" });
    expect(after.reason).toContain("the work so far is on branch auto-fix/ticket-");
  });
});
