import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { CapturedEvent } from "../../src/domain/event.ts";
import { fingerprint } from "../../src/ingest/grouping/fingerprint.ts";
import { type TestSystem, testSystem, tinyCrash } from "../helpers/system.ts";

const branches = (t: TestSystem) =>
  t.tiny
    .git("for-each-ref", "--format=%(refname:short) %(objectname)", "refs/heads/auto-fix")
    .split("\n")
    .filter(Boolean);

const yesTo = (patchDigest: string) => ({ type: "approve", by: "ada", message: "", patchDigest }) as const;

const ada = (message = "") => ({ by: "ada", message });

const set = (t: TestSystem, level: "observe" | "assist") =>
  t.system.autonomy.change({ service: "tiny", severity: null, level, by: "ada" });

describe("observe", () => {
  it("opens a ticket and touches nothing; quiet for long enough, it closes by itself, and an Event opens another", async () => {
    const t = await testSystem({ config: { autonomy: "observe", claims: { quietForMs: 10_000 } } });
    const id = await t.crash(tinyCrash({ receivedAt: t.clock.now() }));
    expect(await t.ticket(id)).toMatchObject({ state: "open", plan: null, patch: null });
    expect([branches(t), t.tiny.deploys()]).toEqual([[], []]);
    expect(await t.system.closeQuietTickets()).toBe(0);
    // Past the lease that its run had.
    t.clock.advance(3_600_000);
    expect([await t.system.closeQuietTickets(), await t.system.closeQuietTickets()]).toEqual([1, 0]);
    const closed = await t.ticket(id);
    expect(closed).toMatchObject({
      state: "abstained",
      reason: expect.stringContaining("observed: it was not seen since"),
    });
    expect(closed.waitsFor?.from).toBe(t.clock.now());
    expect((await t.audit(id)).slice(-1)).toEqual(["ticket.abstained"]);
    const again = await t.crash(tinyCrash({ id: "e".repeat(32), receivedAt: t.clock.now() }));
    expect([again === id, (await t.ticket(again)).state]).toEqual([false, "open"]);
  });

  it("a person dismisses it; its Issue is left alone", async () => {
    const t = await testSystem({ config: { autonomy: "observe" } });
    const id = await t.crash(tinyCrash());
    const { manualActions, stores } = t.system;
    expect(await manualActions.dismiss(id, ada("known"))).toMatchObject({
      kind: "done",
      ticket: { state: "dismissed" },
    });
    expect(await manualActions.dismiss(id, ada())).toMatchObject({ kind: "refused", refusal: { code: "notOpen" } });
    const [issueId = ""] = (await t.ticket(id)).issueIds;
    expect(await stores.suppressions.active(issueId, t.clock.now())).toMatchObject({ by: "ada", reason: "known" });
  });
});

const FAULTY = "  const name = user.profile.name;";

/** A person commits their own line on the branch, where the faulty one is. */
function commit(t: TestSystem, line: string): string {
  const file = `${t.tiny.repo}/src/greet.js`;
  writeFileSync(file, readFileSync(file, "utf8").replace(FAULTY, line));
  t.tiny.git("commit", "-q", "-a", "-m", "By hand");
  return t.tiny.git("rev-parse", "HEAD").trim();
}

async function happens(t: TestSystem, event: CapturedEvent): Promise<void> {
  await t.system.stores.spool.append([event]);
  await t.system.stores.issues.digest(event, fingerprint(event));
}

const outcomes = async (t: TestSystem) => (await t.system.stores.trackRecord.list({})).map(({ outcome }) => outcome);
const elsewhere = { function: "shout", line: 2 };

describe("assist", () => {
  it("proposes; what a person applied as proposed is watched in their release, and held", async () => {
    const t = await testSystem({ config: { autonomy: "assist" } });
    const id = await t.crash(tinyCrash());
    expect(await t.ticket(id)).toMatchObject({ state: "proposed", approval: null, deploymentId: null });
    expect([branches(t), t.tiny.deploys()]).toEqual([[], []]);
    const say = () => t.system.manualActions.applied(id, { by: "ada", commit: null });
    expect(await say()).toMatchObject({
      refusal: { code: "commit", message: expect.stringContaining("no commit on main") },
    });
    const made = commit(t, "  const name = user.profile?.name;");
    expect(await say()).toMatchObject({
      kind: "done",
      ticket: { state: "soaking", applied: { commit: made, as: "proposed" } },
    });
    expect(await say()).toMatchObject({ refusal: { code: "notProposed" } });
    await t.fireDue();
    expect(await t.ticket(id)).toMatchObject({ state: "soaking", applied: { seenLiveAt: null } });
    await happens(t, tinyCrash({ id: "d".repeat(32), release: made, receivedAt: t.clock.now() }, elsewhere));
    await t.fireDue(60_000);
    expect((await t.ticket(id)).applied?.seenLiveAt).toBe(t.clock.now());
    await t.fireDue(1500);
    expect(await t.ticket(id)).toMatchObject({ state: "healed", reason: expect.stringContaining("applied by ada") });
    expect(await outcomes(t)).toEqual(["held"]);
    expect(t.tiny.deploys()).toEqual([]);
  });

  it("what a person changed first is remembered as edited; if it comes back, they are asked, and nothing is rolled back", async () => {
    const t = await testSystem({ config: { autonomy: "assist" } });
    const id = await t.crash(tinyCrash());
    const made = commit(t, '  const name = user.profile?.name ?? "friend";');
    const done = await t.system.manualActions.applied(id, { by: "ada", commit: made.slice(0, 10) });
    expect(done).toMatchObject({ kind: "done", ticket: { applied: { commit: made, as: "edited" } } });
    const [entry] = await t.system.stores.trackRecord.list({});
    expect(entry).toMatchObject({ outcome: "edited", by: "ada", editedDigest: expect.any(String) });
    expect(await t.system.stores.blobs.get(entry?.editedDigest ?? "")).toContain('?? "friend"');
    await happens(t, tinyCrash({ id: "d".repeat(32), release: made, receivedAt: t.clock.now() }));
    await t.fireDue();
    expect(await t.ticket(id)).toMatchObject({
      state: "escalated",
      reason: expect.stringContaining("which ada applied"),
    });
    expect([await outcomes(t), t.tiny.deploys()]).toEqual([["edited"], []]);
  });

  it("says so when it cannot be told whether it holds, and when no release comes", async () => {
    const t = await testSystem({ config: { autonomy: "assist" }, settings: { liveCommand: undefined } });
    const [one, other] = [
      await t.crash(tinyCrash({ release: "1.0" })),
      await t.crash(tinyCrash({ release: "1.0" }, elsewhere)),
    ];
    commit(t, "  const name = user.profile?.name;");
    const blind = await t.system.manualActions.applied(one, { by: "ada", commit: null });
    const cannot = expect.stringContaining("cannot be observed");
    expect(blind).toMatchObject({ kind: "done", ticket: { state: "proposed", reason: cannot } });
    await happens(t, tinyCrash({ id: "d".repeat(32), release: t.tiny.head }, { function: "third", line: 6 }));
    expect(await t.system.manualActions.applied(other, { by: "ada", commit: null })).toMatchObject({
      ticket: { state: "soaking" },
    });
    await t.fireDue();
    await t.fireDue(7 * 86_400_000);
    const unknown = expect.stringContaining("so whether it holds is not known");
    expect(await t.ticket(other)).toMatchObject({ state: "proposed", reason: unknown });
    expect(await outcomes(t)).toEqual([]);
  });
});

describe("a person starts work by hand", () => {
  it("on a ticket that was observed, at the level that counts now; of two people one is told", async () => {
    const t = await testSystem({ config: { autonomy: "observe" } });
    const id = await t.crash(tinyCrash());
    const { manualActions } = t.system;
    expect(await manualActions.start(id, ada())).toMatchObject({ refusal: { code: "observeOnly" } });
    await set(t, "assist");
    const both = await Promise.all([
      manualActions.start(id, ada()),
      manualActions.start(id, { by: "bob", message: "" }),
    ]);
    expect(both.map((result) => result.kind).sort()).toEqual(["done", "refused"]);
    expect((await t.ticket(id)).startedBy).toBe("ada");
    await t.fireDue();
    expect(await t.ticket(id)).toMatchObject({ state: "proposed", startedBy: "" });
    expect((await t.audit(id)).filter((kind) => kind === "ticket.started")).toHaveLength(1);
    await t.fireDue(3_600_000);
    expect((await t.audit(id)).filter((kind) => kind === "ticket.planned")).toHaveLength(1);
  });

  it("over what was seen before work, with guidance, and on an Issue whose ticket healed", async () => {
    const t = await testSystem({ config: { autonomy: "assist", claims: { quietForMs: 10_000 } } });
    const crash = tinyCrash({ receivedAt: t.clock.now() - 20_000 });
    const id = await t.crash(crash);
    expect(await t.ticket(id)).toMatchObject({ state: "abstained", reason: expect.stringContaining("not seen since") });
    expect(await t.system.manualActions.start(id, ada("look at greet"))).toMatchObject({ kind: "done" });
    await t.fireDue();
    expect(await t.ticket(id)).toMatchObject({ state: "proposed", decisions: [{ type: "guide", by: "ada" }] });
    const issue = t.system.stores.issues;
    const { issueIds } = await t.ticket(id);
    await t.system.stores.tickets.update(id, () => ({ state: "healed" }));
    const started = await t.system.manualActions.start(issueIds[0] ?? "", ada());
    const fresh = started.kind === "done" ? started.ticket : null;
    expect(fresh?.id).not.toBe(id);
    expect((await issue.get(issueIds[0] ?? ""))?.ticketId).toBe(fresh?.id);
    await t.fireDue();
    expect(await t.ticket(fresh?.id ?? "")).toMatchObject({ state: "proposed", severity: "high" });
    expect(await t.system.manualActions.start("nothing", ada())).toMatchObject({ refusal: { code: "notFound" } });
  });
});

describe("supervised", () => {
  it("puts the Patch on a branch, asks, and deploys that very commit once a person said yes", async () => {
    const t = await testSystem({ config: { autonomy: "supervised" } });
    const id = await t.crash(tinyCrash());
    const asked = await t.ticket(id);
    const { prepared } = asked;
    expect(asked).toMatchObject({ state: "awaitingApproval", approval: { branch: `auto-fix/ticket-${id}` } });
    expect(branches(t)).toEqual([`auto-fix/ticket-${id} ${prepared?.commit}`]);
    expect(t.tiny.deploys()).toEqual([]);
    expect((await t.audit(id)).slice(-3)).toEqual(["gate.decided", "patch.published", "approval.asked"]);
    const [told] = await t.system.stores.outbox.due("log", 1);
    expect(told?.message.text).toContain(`It is on branch auto-fix/ticket-${id}.`);
    const digest = asked.patch?.digest ?? "";
    expect(await t.answer(id, yesTo(digest))).toMatchObject({ state: "soaking", patch: { digest } });
    expect(t.tiny.live()).toBe(prepared?.commit);
    expect(t.tiny.git("log", "-1", "--format=%B", prepared?.commit ?? "")).toContain("\nCost: no model was asked\n");
    expect(branches(t)).toHaveLength(1);
    await t.fireDue(1500);
    expect(await t.ticket(id)).toMatchObject({ state: "healed" });
  });

  it("an edited Patch is another commit, on a branch with its digest; a no leaves both where they are", async () => {
    const t = await testSystem({ config: { autonomy: "supervised" } });
    const id = await t.crash(tinyCrash());
    const first = await t.ticket(id);
    const whole = (await t.system.stores.blobs.get(first.patch?.digest ?? "")) ?? "";
    const diff = whole.replace("user.profile?.name;", 'user.profile?.name ?? "guest";');
    const asked = await t.answer(id, { type: "edit", by: "ada", message: "", diff });
    const branch = `auto-fix/ticket-${id}-${asked.patch?.digest.slice(0, 8)}`;
    expect(asked).toMatchObject({ state: "awaitingApproval", approval: { branch }, prepared: { branch } });
    expect(branches(t)).toEqual([
      `auto-fix/ticket-${id} ${first.prepared?.commit}`,
      `${branch} ${asked.prepared?.commit}`,
    ]);
    const after = await t.answer(id, { type: "reject", by: "ada", message: "no" });
    expect(after).toMatchObject({ state: "rejected", prepared: { branch } });
    expect(branches(t)).toHaveLength(2);
  });

  it("cut off between the branch and the question, it is published and said once", async () => {
    const t = await testSystem({ config: { autonomy: "supervised" } });
    const { audit } = t.system.stores;
    const append = audit.append;
    let cuts = 1;
    audit.append = async (entry) => {
      if (entry.kind === "approval.asked" && cuts-- > 0) throw new Error("cut off");
      return append(entry);
    };
    const id = await t.crash(tinyCrash());
    expect(await t.ticket(id)).toMatchObject({ state: "awaitingApproval" });
    expect(branches(t)).toHaveLength(1);
    expect((await t.audit(id)).filter((kind) => kind === "patch.published")).toHaveLength(1);
  });
});
