import { expect, it, onTestFinished } from "vitest";
import { runCli } from "../helpers/cliRun.ts";
import { makeDashboardHome } from "../helpers/dashboardHome.ts";
import { buildTicket, buildTicketAwaitingApproval } from "../helpers/ticketBuilder.ts";

it("starts work on a ticket by hand, once, and dismisses what nobody is asked about", async () => {
  const home = await makeDashboardHome();
  onTestFinished(() => home.remove());
  const env = { SELFHEAL_URL: await home.listen(), SELFHEAL_TOKEN: home.token, USER: "ada" };
  const service = "shop";
  const abstained = await home.stores.tickets.open(buildTicket({ service, state: "abstained", issueIds: ["i-1"] }));
  const done = await runCli(["retry", abstained.id.slice(0, 8), "--message", "look again"], { env });
  expect([done.code, done.stdout]).toEqual([0, `Started. Follow it with: selfheal show ${abstained.id.slice(0, 8)}\n`]);
  const [wakeUp] = await home.stores.wakeUps.due(home.clock.now());
  expect(wakeUp).toMatchObject({ ticketId: abstained.id, kind: "start" });
  const again = await runCli(["start", abstained.id], { env });
  expect([again.code, again.stderr]).toEqual([
    1,
    `A run is under way on ticket ${abstained.id.slice(0, 8)} (about to start). Nothing was started.\n`,
  ]);
  const [entry] = await home.stores.audit.list({ ticketId: abstained.id });
  expect(entry).toMatchObject({
    kind: "ticket.started",
    actor: "person:admin",
    facts: { from: "abstained", guided: true },
  });

  const asking = await home.stores.tickets.open(buildTicketAwaitingApproval({ id: crypto.randomUUID(), service }));
  expect((await runCli(["retry", asking.id], { env })).stderr).toContain("asks a person: answer it first");
  expect((await runCli(["retry", "i-unknown"], { env })).stderr).toBe("There is no ticket or issue i-unknown.\n");

  const decisions = [{ type: "dismiss" as const, by: "mia", message: "" }];
  const answered = { id: crypto.randomUUID(), service, state: "escalated" as const, decisions };
  await home.stores.tickets.open(buildTicket(answered));
  expect((await runCli(["dismiss", answered.id, "--message", "no"], { env })).stderr).toBe(
    `A run is under way on ticket ${answered.id.slice(0, 8)} (escalated). mia answered it last (dismiss).\n`,
  );

  const observed = { id: crypto.randomUUID(), service, state: "open" as const, issueIds: ["i-2"] };
  await home.stores.tickets.open(buildTicket(observed));
  const dismissed = await runCli(["dismiss", observed.id, "--message", "known"], { env });
  expect(dismissed.stdout).toBe(`Ticket ${observed.id.slice(0, 8)} is dismissed.\n`);
  expect(await home.stores.tickets.get(observed.id)).toMatchObject({ state: "dismissed", reason: "known" });
});
