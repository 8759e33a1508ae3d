import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Ticket } from "../../src/domain/ticket.ts";
import { runCli } from "../helpers/cliRun.ts";
import { type DashboardHome, makeDashboardHome } from "../helpers/dashboardHome.ts";
import { buildTicket, buildTicketAwaitingApproval } from "../helpers/ticketBuilder.ts";

let home: DashboardHome;
let env: Record<string, string>;
let ticket: Ticket;
beforeEach(async () => {
  home = await makeDashboardHome();
  env = { SELFHEAL_URL: await home.listen(), SELFHEAL_TOKEN: home.token, USER: "ada" };
  ticket = await home.stores.tickets.open(buildTicketAwaitingApproval());
});
afterEach(() => home.remove());

const decisions = () => home.starter.resumed.map((r) => r.decision);

describe("selfheal approve", () => {
  it("shows what is asked, and approves exactly that", async () => {
    home.starter.expectResume(ticket.id);
    const { code, stdout } = await runCli(["approve", ticket.id.slice(0, 8), "--message", "go"], { env });
    expect(code).toBe(0);
    expect(stdout).toContain(`Patch        ${ticket.patch?.digest}`);
    expect(stdout).toContain("Evidence     E2");
    expect(stdout).toContain("Because      autonomy: supervised");
    expect(stdout).toContain("The answer of admin was taken: approve.");
    expect(decisions()).toEqual([{ type: "approve", by: "admin", message: "go", patchDigest: ticket.patch?.digest }]);
  });

  it("prints JSON when asked to", async () => {
    home.starter.expectResume(ticket.id);
    const { stdout } = await runCli(["approve", ticket.id, "--by", "Bob", "--json"], { env });
    expect(JSON.parse(stdout)).toMatchObject({ ticketId: ticket.id, type: "approve", by: "admin", accepted: true });
  });

  it("does not approve a patch that replaced the one it showed", async () => {
    const swapping: typeof fetch = async (url, init) => {
      if (init?.method === "POST") {
        const approval = ticket.approval && { ...ticket.approval, patchDigest: "0".repeat(64) };
        await home.stores.tickets.update(ticket.id, () => ({ approval }));
      }
      return fetch(url, init);
    };
    const { code, stderr } = await runCli(["approve", ticket.id], { env, fetch: swapping });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^The question is about patch 0{64} now, not that one\./);
    expect(decisions()).toEqual([]);
  });

  it("says when nothing is asked, and who was faster", async () => {
    const quiet = await home.stores.tickets.open(buildTicket({ state: "coding" }));
    const idle = await runCli(["approve", quiet.id], { env });
    expect([idle.code, idle.stderr]).toEqual([
      1,
      `Ticket ${quiet.id.slice(0, 8)} asks nothing (its state is coding).\n`,
    ]);
    home.starter.expectResume(ticket.id);
    await runCli(["reject", ticket.id, "--by", "Bob"], { env });
    const late = await runCli(["approve", ticket.id], { env });
    expect([late.code, late.stderr]).toEqual([1, expect.stringContaining("admin answered last: reject.")]);
  });
});

describe("answers to an escalation", () => {
  it.each([
    ["guide", ["--message", "try the cart"], "guide"],
    ["take-over", [], "takeOver"],
    ["dismiss", ["--message", "known"], "dismiss"],
  ])("selfheal %s", async (command, argv, type) => {
    const approval = {
      kind: "escalate",
      patchDigest: null,
      reasons: ["stuck"],
      allowed: ["guide", "takeOver", "dismiss"],
      askedAt: 1,
    } as const;
    await home.stores.tickets.update(ticket.id, () => ({
      approval: { ...approval, allowed: [...approval.allowed], reasons: ["stuck"] },
    }));
    home.starter.expectResume(ticket.id);
    expect((await runCli([command, ticket.id, ...argv], { env })).code).toBe(0);
    expect(decisions()).toMatchObject([{ type, by: "admin" }]);
  });

  it("says what is possible instead", async () => {
    const { code, stderr } = await runCli(["dismiss", ticket.id], { env });
    expect(code).toBe(1);
    expect(stderr).toBe("dismiss is no answer to this question; possible: approve, edit, reject.\n");
  });
});

describe("selfheal pause and resume", () => {
  it("turn the switch, and say so", async () => {
    const paused = await runCli(["pause"], { env });
    expect([paused.code, paused.stdout]).toEqual([
      0,
      "Paused: no run starts and nothing is deployed (it was paused by a person).\n",
    ]);
    expect(await home.stores.settings.get("paused")).toBe("true");
    expect((await home.stores.audit.list())[0]).toMatchObject({ kind: "system.paused", actor: "person:admin" });
    expect(JSON.parse((await runCli(["resume", "--json"], { env })).stdout)).toMatchObject({ paused: false });
    expect((await runCli(["resume"], { env })).stdout).toBe("Running.\n");
  });
});
