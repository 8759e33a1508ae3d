import { describe, expect, it } from "vitest";
import { createTriage } from "../../src/agents/triage/node.ts";
import { createRulesTriage } from "../../src/agents/triage/rules.ts";
import { RunState } from "../../src/domain/runState.ts";
import { fingerprint } from "../../src/ingest/grouping/fingerprint.ts";
import { codes, repairs, testSystem, tinyCrash } from "../helpers/system.ts";

const never = new AbortController().signal;

describe("a node that is cut off and runs again", () => {
  it("triage: opens the tickets that the first time did not get to", async () => {
    const t = await testSystem({ config: { autonomy: "observe" } });
    const { stores } = t.system;
    const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
    const deps = { ...stores, clock: t.clock, log: silent, brain: createRulesTriage() };
    const issues = [];
    for (const [i, line] of [6, 2, 4].entries()) {
      const event = tinyCrash({}, { function: `f${i}`, line });
      await stores.spool.append([event]);
      issues.push((await stores.issues.digest(event, fingerprint(event))).issue.id);
    }
    const now = t.clock.now();
    const window = { project: "test", service: "tiny", issueIds: issues, openedAt: now, lastAt: now, dueAt: now };
    const batch = await stores.debounce.close(window, now);
    let opened = 0;
    const dying = {
      ...stores.tickets,
      open: async (ticket: Parameters<typeof stores.tickets.open>[0]) => {
        opened += 1;
        if (opened > 1) throw new Error("killed");
        return stores.tickets.open(ticket);
      },
    };
    const state = RunState.parse({ batchId: batch.id });
    await expect(createTriage({ ...deps, tickets: dying })(state, never)).rejects.toThrow("killed");
    const after = await createTriage(deps)(state, never);
    const tickets = await stores.tickets.list({ batchId: batch.id });
    expect(tickets.flatMap((ticket) => ticket.issueIds).sort()).toEqual([...issues].sort());
    expect([after.ticketId, ...(after.siblings ?? [])].sort()).toEqual(tickets.map((ticket) => ticket.id).sort());
    expect(await createTriage(deps)(state, never)).toEqual(after);
    expect(await stores.tickets.list()).toHaveLength(3);
  });

  it("coder: its own untested patch is not one that was turned down", async () => {
    const rejectedDigests: (readonly string[])[] = [];
    const code = repairs();
    const coder = codes((input) => {
      rejectedDigests.push(input.rejectedDigests);
      return code(input);
    });
    const t = await testSystem({ brains: { coder } });
    const { audit } = t.system.stores;
    const append = audit.append;
    let failed = false;
    audit.append = async (entry) => {
      if (entry.kind === "patch.written" && !failed) {
        failed = true;
        throw new Error("killed after the patch was written to the ticket");
      }
      return append(entry);
    };
    const id = await t.crash(tinyCrash());
    expect(rejectedDigests).toEqual([[], []]);
    expect(await t.ticket(id)).toMatchObject({ state: "soaking" });
    expect((await t.ticket(id)).attempts).toHaveLength(1);
  });

  it("gate: what it decided is on record, wherever it was cut off", async () => {
    const t = await testSystem();
    const { tickets } = t.system.stores;
    const update = tickets.update;
    let failed = false;
    tickets.update = async (id, change) => {
      const after = await update(id, change);
      if (after.gate === null || failed) return after;
      failed = true;
      throw new Error("killed after the decision was written to the ticket");
    };
    const id = await t.crash(tinyCrash());
    expect(failed).toBe(true);
    expect(await t.audit(id)).toContain("gate.decided");
    expect(await t.ticket(id)).toMatchObject({ state: "soaking", gate: { verdict: "auto" } });
  });
});
