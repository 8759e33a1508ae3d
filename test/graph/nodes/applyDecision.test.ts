import { Command } from "@langchain/langgraph";
import { describe, expect, it } from "vitest";
import type { ApprovalDecision } from "../../../src/domain/approval.ts";
import { type TestSystem, testSystem, tinyCrash } from "../../helpers/system.ts";

const SUPERVISED = { config: { autonomy: "supervised" } };
const OWN = [
  "diff --git a/src/greet.js b/src/greet.js",
  "--- a/src/greet.js",
  "+++ b/src/greet.js",
  "@@ -5,4 +5,4 @@",
  " export function greet(user) {",
  "-  const name = user.profile.name;",
  '+  const name = user.profile?.name ?? "friend";',
  '   return "Hello, " + (name ?? "guest");',
  " }",
  "",
].join("\n");

const thread = (id: string) => ({ configurable: { thread_id: id } });
const yes = (by: string): ApprovalDecision => ({ type: "approve", by, message: "" });

/** What Studio's time travel does: goes back to where this node was about to run, and runs from there. */
async function checkpointBefore(t: TestSystem, id: string, node: string) {
  for await (const state of t.system.graph.getStateHistory(thread(id)))
    if (state.next.includes(node)) return state.config;
  throw new Error(`the run was never before ${node}`);
}

/** The answer is on the ticket, as our API writes it, and the run has not got it yet. */
async function claim(t: TestSystem, id: string, decision: ApprovalDecision) {
  await t.system.stores.tickets.update(id, (ticket) => ({
    approval: null,
    decisions: [...ticket.decisions, decision],
  }));
}

describe("whose answer counts", () => {
  it("is the ticket book's word, whatever the run is handed", async () => {
    const t = await testSystem(SUPERVISED);
    const id = await t.crash(tinyCrash());
    await claim(t, id, { type: "reject", by: "bob", message: "no" });
    expect(await t.answer(id, yes("ada"))).toMatchObject({ state: "rejected", reason: "no" });
    const { decisions, patch } = await t.ticket(id);
    expect(decisions).toEqual([{ type: "reject", by: "bob", message: "no", patchDigest: patch?.digest }]);
    expect(t.tiny.deploys()).toEqual([]);
  });

  it("an answer that cannot be read does not undo one that was claimed", async () => {
    const t = await testSystem(SUPERVISED);
    const id = await t.crash(tinyCrash());
    await claim(t, id, { ...yes("ada"), patchDigest: (await t.ticket(id)).patch?.digest });
    await t.system.graph.invoke(new Command({ resume: { nonsense: true } }), thread(id));
    expect(await t.ticket(id)).toMatchObject({ state: "soaking" });
  });

  it("a second answer to a run that asks nothing any more changes nothing", async () => {
    const t = await testSystem(SUPERVISED);
    const id = await t.crash(tinyCrash());
    await t.answer(id, { type: "reject", by: "bob", message: "" });
    const settled = await t.ticket(id);
    expect(await t.answer(id, yes("ada"))).toEqual(settled);
    expect(t.tiny.deploys()).toEqual([]);
  });
});

describe("going back in time", () => {
  it("a yes from an old checkpoint does not undo a no", async () => {
    const t = await testSystem(SUPERVISED);
    const id = await t.crash(tinyCrash());
    const old = await checkpointBefore(t, id, "approveDeploy");
    await t.answer(id, { type: "reject", by: "bob", message: "not this" });
    await t.system.graph.invoke(new Command({ resume: { decisions: [{ type: "approve" }] } }), old);
    expect(await t.ticket(id)).toMatchObject({ state: "rejected", reason: "not this" });
    expect(t.tiny.deploys()).toEqual([]);
  });

  it("a yes from a checkpoint with another patch is asked again about the patch of today", async () => {
    const t = await testSystem(SUPERVISED);
    const id = await t.crash(tinyCrash());
    const old = await checkpointBefore(t, id, "approveDeploy");
    const first = (await t.ticket(id)).patch?.digest;
    const asked = await t.answer(id, { type: "edit", by: "ada", message: "", diff: OWN, patchDigest: first ?? "" });
    await t.system.graph.invoke(new Command({ resume: { decisions: [{ type: "approve" }] } }), old);
    expect(t.tiny.deploys()).toEqual([]);
    expect(await t.ticket(id)).toMatchObject({ state: "awaitingApproval", approval: asked.approval });
    // The question of today can still be answered.
    expect(await t.answer(id, yes("ada"))).toMatchObject({ state: "soaking", patch: { digest: asked.patch?.digest } });
    expect(t.tiny.deploys()).toHaveLength(1);
  });

  it("a state written by hand reaches the deployer, which asks the ticket for the gate's word", async () => {
    const t = await testSystem(SUPERVISED);
    const id = await t.crash(tinyCrash());
    for (const verdict of ["auto", "approved"] as const) {
      await t.system.graph.updateState(thread(id), { verdict }, "gate");
      expect((await t.system.graph.getState(thread(id))).next).toEqual(["deployer"]);
      await t.system.graph.invoke(null, thread(id));
      expect(await t.ticket(id)).toMatchObject({ state: "escalated", reason: "nobody approved this patch" });
    }
    expect(t.tiny.deploys()).toEqual([]);
  });

  it("what is live is not deployed again from an old checkpoint", async () => {
    const t = await testSystem(SUPERVISED);
    const id = await t.crash(tinyCrash());
    await t.answer(id, yes("ada"));
    const live = t.tiny.live();
    await t.system.graph.invoke(null, await checkpointBefore(t, id, "deployer"));
    expect(t.tiny.deploys()).toEqual([live]);
    expect(await t.ticket(id)).toMatchObject({ state: "soaking" });
  });
});

describe("what people made of a patch is remembered", () => {
  it("an edit, with both diffs", async () => {
    const t = await testSystem(SUPERVISED);
    const id = await t.crash(tinyCrash());
    const { patch } = await t.ticket(id);
    const after = await t.answer(id, { type: "edit", by: "ada", message: "", diff: OWN, patchDigest: patch?.digest });
    expect(after).toMatchObject({ state: "awaitingApproval", evidence: { grade: "E2" } });
    const [entry] = await t.system.stores.trackRecord.list({ service: "tiny" });
    expect(entry).toEqual({
      service: "tiny",
      errorClass: "TypeError",
      outcome: "edited",
      ticketId: id,
      patchDigest: patch?.digest,
      editedDigest: after.patch?.digest,
      by: "person:ada",
      at: t.clock.now(),
    });
    const diffs = [entry?.patchDigest, entry?.editedDigest].map((digest) => t.system.stores.blobs.get(digest ?? ""));
    expect(await Promise.all(diffs)).toEqual([
      expect.stringContaining("profile?.name;"),
      expect.stringContaining("friend"),
    ]);
    const lesson = { ticketId: id, outcome: "edited", by: "person:ada", diff: expect.stringContaining("friend") };
    expect(await t.system.stores.lessons.list()).toMatchObject([lesson]);
  });

  it("a rejection", async () => {
    const t = await testSystem(SUPERVISED);
    const id = await t.crash(tinyCrash());
    const { patch } = await t.answer(id, { type: "reject", by: "bob", message: "" });
    expect(await t.system.stores.trackRecord.list({})).toMatchObject([
      {
        outcome: "rejected",
        patchDigest: patch?.digest,
        editedDigest: null,
        by: "person:bob",
        errorClass: "TypeError",
      },
    ]);
    const lesson = { ticketId: id, outcome: "rejected", patchDigest: patch?.digest };
    expect(await t.system.stores.lessons.list()).toMatchObject([lesson]);
  });
});

describe("a run that cannot go on by itself", () => {
  it("is brought to a person, with the cause", async () => {
    const t = await testSystem(SUPERVISED);
    const id = await t.crash(tinyCrash());
    await t.runner.start(id, { entry: "escalate", ticketId: id, cause: "the run was cancelled" });
    await t.runner.idle();
    expect(await t.ticket(id)).toMatchObject({ state: "escalated", reason: "the run was cancelled" });
    expect(await t.answer(id, { type: "guide", by: "ada", message: "go on" })).toMatchObject({
      state: "awaitingApproval",
    });
  });
});
