import { writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { AutonomyChange } from "../../src/domain/autonomy.ts";
import type { Severity } from "../../src/domain/ticket.ts";
import { fingerprint } from "../../src/ingest/grouping/fingerprint.ts";
import { codes, repairs, type TestSystem, testSystem, tinyCrash } from "../helpers/system.ts";
import { TINY_FILES } from "../helpers/tinyService.ts";

const yes = { type: "approve", by: "ada", message: "" } as const;
const EARNS = { enabled: true, heldInARow: 2 };
const shout = { function: "shout", line: 2 };

const set = (t: TestSystem, change: Partial<AutonomyChange>) =>
  t.system.autonomy.change({ service: "tiny", severity: null, level: "full", by: "ada", ...change });

const autonomyKinds = async (t: TestSystem) =>
  (await t.system.stores.audit.list()).filter(({ kind }) => kind.startsWith("autonomy.")).reverse();

/** A crash at a place of its own, so that it is an Issue, and a ticket, of its own. */
const crashAt = (n: number) => tinyCrash({}, { function: `greet${n}`, line: 6 });

/** People take the fix over, and somebody undoes it: the next ticket has something to fix. */
function breakAgain(t: TestSystem, id: string): void {
  t.tiny.git("merge", "-q", `auto-fix/ticket-${id}`);
  writeFileSync(`${t.tiny.repo}/src/greet.js`, TINY_FILES["src/greet.js"] ?? "");
  t.tiny.git("commit", "-q", "-a", "-m", "Undo");
}

describe("full", () => {
  it("critical and high deploy by themselves, medium and low ask", async () => {
    let severity: Severity = "low";
    const triage = async () => ({ groups: [{ issues: [0], severity, title: "t", rootCause: "r" }], tokens: 0 });
    const t = await testSystem({ brains: { triage: { name: "scripted", triage } } });
    for (severity of ["low", "medium"] as const) {
      const asked = await t.ticket(await t.crash(crashAt(severity.length)));
      expect(asked).toMatchObject({ severity, state: "awaitingApproval" });
      expect(asked.gate?.missing).toContain("severityAutoDeployable");
    }
    expect(t.tiny.deploys()).toEqual([]);
    severity = "high";
    expect(await t.ticket(await t.crash(tinyCrash()))).toMatchObject({ state: "soaking", gate: { verdict: "auto" } });
    expect(t.tiny.deploys()).toHaveLength(1);
  });

  it("of one service, over what counts for all, until a person says otherwise for one severity", async () => {
    const t = await testSystem({ config: { autonomy: "observe" }, settings: { autonomy: "full" } });
    await set(t, { severity: "critical", level: "supervised" });
    const critical = await t.ticket(await t.crash(tinyCrash({ level: "fatal" }, { function: "greet2", line: 6 })));
    expect(critical).toMatchObject({ severity: "critical", gate: { verdict: "ask" } });
    expect(critical.gate?.missing).toContain("autonomyFull");
    expect(t.tiny.deploys()).toEqual([]);
    expect(await t.ticket(await t.crash(tinyCrash()))).toMatchObject({ severity: "high", state: "soaking" });
    expect(t.tiny.deploys()).toHaveLength(1);
  });

  it("of one severity only, while another has its own level", async () => {
    const t = await testSystem({ config: { autonomy: "observe", autonomyBySeverity: { critical: "full" } } });
    const critical = await t.crash(tinyCrash({ level: "fatal" }));
    expect(await t.ticket(critical)).toMatchObject({ severity: "critical", state: "soaking" });
    const other = await t.crash(tinyCrash({}, shout));
    expect(await t.ticket(other)).toMatchObject({ state: "open", plan: null });
  });
});

describe("a level that is changed while runs are under way", () => {
  it("lowered while a Patch is tested: it asks instead of deploying", async () => {
    let lower = async () => undefined as unknown;
    const code = repairs();
    const t = await testSystem({
      brains: {
        coder: codes(async (input) => {
          await lower();
          return code(input);
        }),
      },
    });
    lower = () => set(t, { level: "supervised" });
    const id = await t.crash(tinyCrash());
    expect(await t.ticket(id)).toMatchObject({ state: "awaitingApproval", gate: { missing: ["autonomyFull"] } });
    expect(t.tiny.deploys()).toEqual([]);
    expect(await t.answer(id, yes)).toMatchObject({ state: "soaking" });
  });

  it("lowered after the gate let it go: the gate decides again, and nothing is deployed", async () => {
    const t = await testSystem();
    const { audit } = t.system.stores;
    const append = audit.append;
    audit.append = async (entry) => {
      const done = await append(entry);
      if (entry.kind === "gate.decided" && entry.facts?.verdict === "auto") await set(t, { level: "assist" });
      return done;
    };
    const id = await t.crash(tinyCrash());
    expect(await t.ticket(id)).toMatchObject({ state: "proposed", gate: { verdict: "ask" } });
    expect(t.tiny.deploys()).toEqual([]);
    expect(await t.audit(id)).not.toContain("deploy.intended");
  });

  it("is audited, once a change, and taken back", async () => {
    const t = await testSystem({ config: { autonomy: "supervised" } });
    await set(t, { severity: "high", level: "full" });
    await set(t, { severity: "high", level: "full", by: "bob" });
    await set(t, { level: "observe" });
    await set(t, { level: null });
    await set(t, { level: null });
    await expect(set(t, { service: "nowhere" })).rejects.toMatchObject({ code: "serviceNotFound" });
    expect((await autonomyKinds(t)).map(({ kind, actor, facts }) => [kind, actor, facts.from, facts.to])).toEqual([
      ["autonomy.changed", "person:ada", "configured", "high: full"],
      ["autonomy.changed", "person:ada", "high: full", "all: observe"],
      ["autonomy.changed", "person:ada", "all: observe", "configured"],
    ]);
  });
});

describe("earned autonomy", () => {
  it("rises after as many held in a row as configured, and not before; said once", async () => {
    const t = await testSystem({ config: { autonomy: "supervised", earnedAutonomy: EARNS } });
    for (const n of [1, 2]) {
      const id = await t.crash(crashAt(n));
      expect(await t.ticket(id), `${n}`).toMatchObject({ state: "awaitingApproval" });
      await t.answer(id, yes);
      await t.fireDue(1500);
      expect(await t.ticket(id)).toMatchObject({ state: "healed" });
      breakAgain(t, id);
    }
    expect((await autonomyKinds(t)).map(({ kind, facts }) => [kind, facts.from, facts.to, facts.errorClass])).toEqual([
      ["autonomy.earned", "supervised", "full", "TypeError"],
    ]);
    const rows = await t.system.autonomy.report();
    const level = (errorClass: string | null) =>
      rows.find((row) => row.errorClass === errorClass)?.levels.find(({ severity }) => severity === "high")?.effective;
    expect([level("TypeError"), level(null)]).toEqual(["full", "supervised"]);
  });

  it("a revert lowers it at once: the next ticket of the class asks", async () => {
    const t = await testSystem({ config: { earnedAutonomy: EARNS } });
    const first = await t.crash(tinyCrash());
    expect((await t.ticket(first)).state).toBe("soaking");
    const again = tinyCrash({ id: "e".repeat(32), receivedAt: t.clock.now() + 10 });
    await t.system.stores.spool.append([again]);
    await t.system.stores.issues.digest(again, fingerprint(again));
    await t.fireDue(1500);
    expect((await t.ticket(first)).state).toBe("escalated");
    expect((await autonomyKinds(t)).map(({ kind, facts }) => [kind, facts.from, facts.to])).toEqual([
      ["autonomy.lost", "full", "supervised"],
    ]);
    const next = await t.ticket(await t.crash(crashAt(2)));
    expect(next).toMatchObject({ state: "awaitingApproval" });
    expect(next.gate?.missing).toContain("autonomyFull");
  });
});
