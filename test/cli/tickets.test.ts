import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Ticket } from "../../src/domain/ticket.ts";
import { runCli } from "../helpers/cliRun.ts";
import { type DashboardHome, makeDashboardHome } from "../helpers/dashboardHome.ts";
import { buildEvent } from "../helpers/eventBuilder.ts";
import {
  BUILT_AT,
  BUILT_DIFF,
  buildEvidence,
  buildTicket,
  buildTicketAwaitingApproval,
} from "../helpers/ticketBuilder.ts";

let home: DashboardHome;
let env: Record<string, string>;
let waiting: Ticket;
beforeAll(async () => {
  home = await makeDashboardHome();
  env = { SELFHEAL_URL: `${await home.listen()}/`, SELFHEAL_TOKEN: home.token };
  const fingerprint = { algorithm: 1, family: "f", strict: "s", why: "a test" };
  const { issue } = await home.stores.issues.digest(buildEvent(), fingerprint);
  const hostile = "TypeError: a\u001b[2Jb\u202E";
  waiting = await home.stores.tickets.open(
    buildTicketAwaitingApproval({ issueIds: [issue.id], evidence: buildEvidence({ shortfalls: ["flaky suite"] }) }),
  );
  await home.stores.tickets.open(
    buildTicket({ state: "healed", openedAt: BUILT_AT + 1, title: hostile, service: "mail" }),
  );
  await home.stores.audit.append({ kind: "ticket.opened", actor: "rules", ticketId: waiting.id });
});
afterAll(() => home.remove());

describe("selfheal tickets", () => {
  it("prints a table, what waits marked", async () => {
    const { code, stdout } = await runCli(["tickets"], { env });
    expect(code).toBe(0);
    const rows = stdout.trimEnd().split("\n");
    expect(rows).toHaveLength(4);
    expect(rows[2]).toMatch(/healed +– +– +mail +2025-10-09 08:00:00 +TypeError: ab$/);
    expect(rows[3]).toMatch(new RegExp(`^${waiting.id.slice(0, 8)} +high +awaitingApproval ← +E2 +ask +shop-api `));
  });

  it("filters, prints JSON, and says when there is nothing", async () => {
    const { stdout } = await runCli(["tickets", "--state", "healed", "--json"], { env });
    expect(JSON.parse(stdout).tickets).toMatchObject([{ service: "mail" }]);
    expect((await runCli(["tickets", "--service", "none"], { env })).stdout).toBe("No tickets.\n");
  });

  it("says which filter is wrong", async () => {
    const { code, stderr } = await runCli(["tickets", "--state", "fixed"], { env });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^state: Invalid option/);
  });
});

describe("selfheal show", () => {
  it("prints the ticket as a receipt", async () => {
    const { code, stdout } = await runCli(["show", waiting.id.slice(0, 8)], { env });
    expect(code).toBe(0);
    for (const words of [
      waiting.title,
      "✗ reproduction on base: exit 1",
      "✓ reproduction on patch: exit 0",
      "falls short: flaky suite",
      "not checked: canary",
      "clean (diff policy, ast-grep, secretlint)",
      "Gate         ask, autonomy",
      "Waiting for a person: approveDeploy",
      "a1b2c3d4e5f6 Let guests check out",
      "2025-10-09 08:00:00  ticket.opened",
      BUILT_DIFF.trimEnd(),
    ]) {
      expect(stdout).toContain(words);
    }
    expect(stdout).not.toContain("\u001b");
  });

  it("colours the diff on a terminal, unless NO_COLOR is set", async () => {
    const onTerminal = await runCli(["show", waiting.id], { env, tty: true });
    expect(onTerminal.stdout).toContain('\u001b[32m+  return user.address?.city ?? "";\u001b[0m');
    expect(onTerminal.stdout).toContain("\u001b[31m-  return user.address.city;\u001b[0m");
    const plain = await runCli(["show", waiting.id], { env: { ...env, NO_COLOR: "1" }, tty: true });
    expect(plain.stdout).not.toContain("\u001b");
  });

  it("prints the whole receipt as JSON", async () => {
    const receipt = JSON.parse((await runCli(["show", waiting.id, "--json"], { env })).stdout);
    expect(receipt).toMatchObject({
      ticket: { id: waiting.id },
      diff: BUILT_DIFF,
      issues: [{ count: 1 }],
      deployment: null,
    });
  });

  it("says when there is no such ticket", async () => {
    const { code, stderr, stdout } = await runCli(["show", "ffffff"], { env });
    expect([code, stdout, stderr]).toEqual([1, "", "There is no ticket ffffff.\n"]);
  });
});

describe("when the server cannot be asked", () => {
  it("says how to start one", async () => {
    const { code, stderr } = await runCli(["tickets", "--url", "http://127.0.0.1:1"], { env });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^No server answers at http:\/\/127\.0\.0\.1:1 \(.+\)\.\nStart it with: selfheal serve\n/);
  });

  it.each([
    ["no token", {}, [], "needs a token"],
    ["a wrong token", {}, ["--token", "sh_wrong"], "does not know this token"],
  ])("says where the token was shown: %s", async (_name, more, argv, words) => {
    const { code, stderr } = await runCli(["tickets", ...argv], { env: { SELFHEAL_URL: env.SELFHEAL_URL, ...more } });
    expect(code).toBe(1);
    expect(stderr).toContain(words);
    expect(stderr).toContain("was shown once, by selfheal serve, at its first start.");
  });

  it.each([
    ["another server's JSON", Response.json({ hello: "world" }), "not one of selfheal's"],
    ["another server's page", new Response("<html>", { status: 200 }), "not one of selfheal's"],
    ["a broken server", new Response("oops", { status: 500 }), "answered 500"],
  ])("says so for %s", async (_name, reply, words) => {
    const { code, stderr } = await runCli(["tickets"], { env, fetch: async () => reply });
    expect(code).toBe(1);
    expect(stderr).toContain(words);
  });

  it("knows what is no URL", async () => {
    const { code, stderr } = await runCli(["tickets", "--url", "nowhere"], { env });
    expect([code, stderr]).toEqual([1, "nowhere is not a URL. Example: http://127.0.0.1:4700\n"]);
  });
});

describe("the program", () => {
  it.each([
    [["--help"], 0],
    [["frobnicate"], 1],
    [["show"], 1],
    [["tickets", "--colour"], 1],
  ])("%j ends with %d", async (argv, code) => {
    const run = await runCli(argv);
    expect(run.code).toBe(code);
    expect(code === 0 ? run.stdout : run.stderr).toContain("selfheal");
  });
});
