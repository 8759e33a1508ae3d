import { describe, expect, it } from "vitest";
import { type PreflightFacts, preflightVerdict } from "../../../src/agents/planner/preflightVerdict.ts";
import { testSystem, tinyCrash } from "../../helpers/system.ts";

const DAY = 86_400_000;
const NOW = 100 * DAY;
const facts: PreflightFacts = {
  now: NOW,
  quietForMs: 14 * DAY,
  branchesWithinMs: 14 * DAY,
  lastSeen: NOW - 1,
  releases: ["r1"],
  suppression: null,
  overruledBy: null,
  fixLive: null,
  changedSince: null,
  reproducesOnBase: null,
  branches: [],
};
const suppression = {
  id: "00000000-0000-4000-8000-000000000001",
  issueId: "i",
  reason: "by design",
  by: "ada",
  createdAt: 0,
  expiresAt: NOW + 1,
  liftedAt: null,
};
const changedSince = { base: "b".repeat(40), place: "src/greet.js:6", commits: ["abc (Dev)"] };
const branch = { name: "fix-greet", author: "Dev", commit: "c".repeat(40), at: NOW - DAY };

describe("claimOf", () => {
  it.each<[string, Partial<PreflightFacts>, string, string]>([
    ["nothing speaks against it", {}, "go", ""],
    ["suppressed", { suppression }, "suppressed", "ada has it left alone until"],
    ["not seen for long", { lastSeen: NOW - 15 * DAY }, "quiet", "not seen since"],
    ["not seen for long, and that is off", { lastSeen: 0, quietForMs: 0 }, "go", ""],
    ["a fix is live", { fixLive: { ticketId: "t", commit: "f".repeat(40) } }, "fixLive", "ticket t is live"],
    ["changed, and green on the base", { changedSince, reproducesOnBase: false }, "alreadyFixed", "by abc (Dev)"],
    ["changed, and red on the base", { changedSince, reproducesOnBase: true }, "go", ""],
    ["changed, and nothing reproduces it", { changedSince }, "maybeFixed", "perhaps already fixed"],
    ["a branch on the same lines", { branches: [branch] }, "atWork", "branch fix-greet of Dev (cccccccccccc)"],
    ["a branch that was left", { branches: [{ ...branch, at: NOW - 15 * DAY }] }, "go", ""],
    ["a person's word over all of it", { suppression, changedSince, branches: [branch], overruledBy: "eve" }, "go", ""],
  ])("%s", (_what, change, kind, says) => {
    const claim = preflightVerdict({ ...facts, ...change });
    expect(claim.kind).toBe(kind);
    if (claim.kind === "go") return;
    expect(claim.reason).toContain(says);
    expect(claim.wouldChangeMind).not.toBe("");
  });
});

const GUARDED = "  const name = user.profile?.name;";

async function withFix(settings: Record<string, unknown>, line: string) {
  const t = await testSystem({ settings });
  const path = `${t.tiny.repo}/src/greet.js`;
  const { readFileSync, writeFileSync } = await import("node:fs");
  writeFileSync(path, readFileSync(path, "utf8").replace("  const name = user.profile.name;", line));
  t.tiny.git("commit", "-q", "-am", "Guests greet");
  return t;
}

describe("before work starts, on a real repository", () => {
  it("already fixed on the base: it does not reproduce, and the commit is named", async () => {
    const t = await withFix({}, GUARDED);
    const ticket = await t.ticket(await t.crash(tinyCrash({ release: t.tiny.head })));
    const fix = t.tiny.git("rev-parse", "HEAD").slice(0, 12);
    expect(ticket).toMatchObject({ state: "abstained", attempts: [], plan: null });
    expect(ticket.reason).toContain(`already fixed: it does not reproduce on ${fix}`);
    expect(ticket.reason).toContain(`by ${fix} (t)`);
    expect(ticket.waitsFor).toEqual({ from: null, releasesBut: [t.tiny.head] });
    expect(t.tiny.deploys()).toEqual([]);
  });

  it("changed, but it still happens on the base: it is worked on", async () => {
    const t = await withFix({}, "  const name = user.profile.name; // the guest's too");
    const id = await t.crash(tinyCrash({ release: t.tiny.head }));
    expect(await t.audit(id)).toContain("ticket.claimed");
  });

  it("somebody is at work on the line, on a branch; a person who starts it by hand goes over that", async () => {
    const t = await testSystem({ config: { autonomy: "assist", claims: { branchesWithinMs: 10_000 * DAY } } });
    t.tiny.git("checkout", "-q", "-b", "guests");
    const { readFileSync, writeFileSync } = await import("node:fs");
    const path = `${t.tiny.repo}/src/greet.js`;
    writeFileSync(path, readFileSync(path, "utf8").replace("  const name = user.profile.name;", GUARDED));
    t.tiny.git("commit", "-q", "-am", "Guests, half done");
    t.tiny.git("checkout", "-q", "main");
    const id = await t.crash(tinyCrash());
    expect(await t.ticket(id)).toMatchObject({
      state: "abstained",
      reason: expect.stringContaining("branch guests of t"),
    });
    const by = { entry: "ticket" as const, ticketId: id, startedBy: "ada" };
    await t.system.graph.invoke(by, { configurable: { thread_id: id } });
    expect(await t.ticket(id)).toMatchObject({ state: "proposed" });
  });

  it("not seen for long: it waits for its next event", async () => {
    const t = await testSystem();
    const id = await t.crash(tinyCrash({ receivedAt: t.clock.now() - 15 * DAY }));
    expect(await t.ticket(id)).toMatchObject({ state: "abstained", waitsFor: { releasesBut: null } });
    expect((await t.ticket(id)).reason).toContain("not seen since");
  });

  it("the fix is live, and the event is of an older release", async () => {
    const t = await testSystem();
    const first = await t.crash(tinyCrash({ release: t.tiny.head }));
    await t.fireDue(1500);
    expect((await t.ticket(first)).state).toBe("healed");
    t.clock.advance(1);
    const id = await t.crash(tinyCrash({ release: t.tiny.head, receivedAt: t.clock.now() }));
    expect(await t.ticket(id)).toMatchObject({ state: "abstained" });
    expect((await t.ticket(id)).reason).toContain(`the fix of ticket ${first} is live`);
    expect(t.tiny.deploys()).toHaveLength(1);
  });
});
