import { describe, expect, it } from "vitest";
import { codes, plans, repairs, testSystem, tinyCrash } from "../helpers/system.ts";

const WRONG = "  const name = user.profile.nam;";
const MARKER = "m4rk3r-of-the-event";
const greet = { function: "greet", line: 6 };
const shout = { function: "shout", line: 2 };

describe("the graph, from a batch to its end", () => {
  it("one root cause: planned, coded, tested, reviewed, deployed, watched, healed", async () => {
    const t = await testSystem();
    const id = await t.crash(tinyCrash());
    expect(await t.ticket(id)).toMatchObject({
      state: "soaking",
      gate: { verdict: "auto" },
      evidence: { grade: "E2" },
    });
    expect(t.tiny.deploys()).toHaveLength(1);
    await t.fireDue(1500);
    expect(await t.ticket(id)).toMatchObject({ state: "healed", evidence: { grade: "E3" } });
    expect(t.tiny.answer()).toBe("Hello, guest");
    expect(t.faults).toEqual([]);
  });

  it("two root causes in a batch: the second runs on a thread of its own", async () => {
    const t = await testSystem({ config: { autonomy: "supervised" } });
    const id = await t.crash(tinyCrash({ level: "fatal" }, greet), tinyCrash({}, shout));
    const tickets = await t.system.stores.tickets.list();
    expect(tickets).toHaveLength(2);
    expect(tickets.map((ticket) => ticket.state)).toEqual(["awaitingApproval", "awaitingApproval"]);
    const sibling = tickets.find((ticket) => ticket.id !== id);
    const threads = await Promise.all(
      tickets.map((ticket) => t.system.graph.getState({ configurable: { thread_id: ticket.id } })),
    );
    expect(threads.map((thread) => thread.next)).toEqual([["approveDeploy"], ["approveDeploy"]]);
    expect((await t.ticket(id)).severity).toBe("critical");
    // A slow person on the one does not hold up the other.
    expect(await t.answer(sibling?.id ?? "", { type: "approve", by: "ada", message: "" })).toMatchObject({
      state: "soaking",
    });
    expect((await t.ticket(id)).state).toBe("awaitingApproval");
  });

  it("approvePlan: nothing is written before a person said yes", async () => {
    let coded = 0;
    const code = repairs();
    const coder = codes((input) => {
      coded += 1;
      return code(input);
    });
    const t = await testSystem({ config: { approvePlan: true }, brains: { coder } });
    const id = await t.crash(tinyCrash());
    expect(await t.ticket(id)).toMatchObject({ state: "awaitingApproval", approval: { kind: "approvePlan" } });
    expect(coded).toBe(0);
    expect(await t.answer(id, { type: "approve", by: "ada", message: "" })).toMatchObject({ state: "soaking" });
    expect(coded).toBe(1);
  });

  it("approvePlan: a no ends the ticket, and so does an answer that cannot be read", async () => {
    const t = await testSystem({ config: { approvePlan: true } });
    const one = await t.crash(tinyCrash());
    expect(await t.answer(one, { type: "reject", by: "ada", message: "not now" })).toMatchObject({
      state: "rejected",
      reason: "not now",
    });
    const two = await t.crash(tinyCrash({}, shout));
    expect(await t.answer(two, { type: "takeOver", by: "ada", message: "" })).toMatchObject({ state: "rejected" });
    expect(t.tiny.deploys()).toEqual([]);
  });

  it("attempts are capped, then a person guides and the planner starts again", async () => {
    const guidance: string[] = [];
    const planner = plans((input) => {
      guidance.push(input.guidance);
      return {};
    });
    const coder = codes(repairs(WRONG, WRONG, WRONG, "  const name = user.profile?.name;"));
    const t = await testSystem({ brains: { planner, coder } });
    const id = await t.crash(tinyCrash());
    expect(await t.ticket(id)).toMatchObject({ state: "escalated", approval: { kind: "escalate" } });
    expect((await t.ticket(id)).attempts).toHaveLength(3);
    const after = await t.answer(id, { type: "guide", by: "ada", message: "users may have no profile" });
    expect(after).toMatchObject({ state: "soaking", approval: null });
    expect(guidance).toEqual(["", "users may have no profile"]);
  });

  it("takeOver leaves the work so far on a branch", async () => {
    const t = await testSystem({ brains: { coder: codes(repairs(WRONG)) } });
    const id = await t.crash(tinyCrash());
    const after = await t.answer(id, { type: "takeOver", by: "ada", message: "" });
    expect(after).toMatchObject({ state: "dismissed", reason: expect.stringContaining(`auto-fix/ticket-${id}`) });
    expect(t.tiny.git("show", `auto-fix/ticket-${id}:src/greet.js`)).toContain(WRONG);
    expect(t.tiny.git("rev-parse", "main")).toBe(t.tiny.head);
  });

  it("assist: the patch is proposed, nothing else happens", async () => {
    const t = await testSystem({ config: { autonomy: "assist" } });
    const id = await t.crash(tinyCrash());
    expect(await t.ticket(id)).toMatchObject({ state: "proposed", evidence: { grade: "E2" }, deploymentId: null });
    expect(t.tiny.deploys()).toEqual([]);
  });

  it("a node that throws goes to a person, with its cause", async () => {
    const coder = codes(async () => {
      throw new Error("the disk is full");
    });
    const t = await testSystem({ brains: { coder } });
    const id = await t.crash(tinyCrash());
    const ticket = await t.ticket(id);
    expect(ticket).toMatchObject({ state: "escalated", reason: "coder failed: the disk is full" });
    expect(await t.answer(id, { type: "dismiss", by: "ada", message: "known" })).toMatchObject({
      state: "dismissed",
      reason: "known",
    });
  });

  it("a batch with an Issue whose ticket is open joins that ticket", async () => {
    const t = await testSystem({ config: { autonomy: "supervised" } });
    const id = await t.crash(tinyCrash());
    const again = await t.crash(tinyCrash());
    expect(again).not.toBe(id);
    expect((await t.system.stores.tickets.list()).map((ticket) => ticket.id)).toEqual([id]);
    expect(await t.audit(id)).toContain("issue.joined");
  });

  it("a base that moved: the patch is ported, tested again, and the yes to the same diff stands", async () => {
    const t = await testSystem({ config: { autonomy: "supervised" } });
    const id = await t.crash(tinyCrash());
    const asked = await t.ticket(id);
    t.tiny.git("commit", "-q", "--allow-empty", "-m", "Something else");
    const moved = t.tiny.git("rev-parse", "HEAD");
    const after = await t.answer(id, { type: "approve", by: "ada", message: "", patchDigest: asked.patch?.digest });
    expect(after).toMatchObject({ state: "soaking", patch: { baseCommit: moved, digest: asked.patch?.digest } });
    expect((await t.audit(id)).filter((kind) => kind === "patch.tested")).toHaveLength(2);
    expect(await t.audit(id)).toContain("patch.ported");
    expect(t.tiny.git("rev-parse", `${t.tiny.live()}^`)).toBe(moved);
  });

  it("keeps no event text in its checkpoints, whatever the way", async () => {
    const replay = [
      'import { readFileSync } from "node:fs";',
      'import { greet } from "./src/greet.js";',
      'const event = JSON.parse(readFileSync(process.env.SELFHEAL_EVENT, "utf8"));',
      "try {",
      "  greet({});",
      "} catch (error) {",
      "  error.stack = error.stack.replace(/^.*/, 'TypeError: ' + event.exception.value);",
      "  throw error;",
      "}",
    ].join("\n");
    const t = await testSystem({ files: { "replay.mjs": replay }, brains: { coder: codes(repairs(WRONG)) } });
    const { type, frames } = tinyCrash().exception;
    const exception = { type, frames, value: `Cannot read properties of undefined (reading 'name') ${MARKER}` };
    const id = await t.crash(tinyCrash({ exception, extra: { note: JSON.stringify(MARKER) }, tags: { note: MARKER } }));
    const ticket = await t.ticket(id);
    expect(ticket.state).toBe("escalated");
    // It is where people look, and only there.
    expect(ticket.attempts[0]?.outcome).toContain(MARKER);
    const rows = t.system.stores.checkpoints.prepare("SELECT checkpoint, metadata FROM checkpoints").all();
    const writes = t.system.stores.checkpoints.prepare("SELECT value FROM writes").all();
    const text = [...rows, ...writes].flatMap((row) => Object.values(row as object).map(String)).join("\n");
    expect(text).toContain(id);
    expect(text).not.toContain(MARKER);
  });
});
