import { expect, it, onTestFinished } from "vitest";
import { runCli } from "../helpers/cliRun.ts";
import { makeDashboardHome } from "../helpers/dashboardHome.ts";
import { buildTicket } from "../helpers/ticketBuilder.ts";

it("leaves a ticket's issues alone for a time, lists them, and ends it again", async () => {
  const home = await makeDashboardHome();
  onTestFinished(() => home.remove());
  const env = { SELFHEAL_URL: await home.listen(), SELFHEAL_TOKEN: home.token, USER: "ada" };
  const ticket = await home.stores.tickets.open(buildTicket());
  expect((await runCli(["suppressions"], { env })).stdout).toBe("Nothing is suppressed.\n");
  const wrong = await runCli(["suppress", ticket.id, "--for", "soon", "--reason", "known"], { env });
  expect([wrong.code, wrong.stderr]).toEqual([1, "--for soon: give a number and a unit, such as 12h or 7d\n"]);

  const done = await runCli(["suppress", ticket.id, "--for", "7d", "--reason", "known, harmless"], { env });
  expect(done.code).toBe(0);
  const [held] = await home.stores.suppressions.list(home.clock.now());
  expect(held).toMatchObject({ by: "admin", reason: "known, harmless", issueId: ticket.issueIds[0] });
  expect((held?.expiresAt ?? 0) - (held?.createdAt ?? 0)).toBe(7 * 86_400_000);
  expect((await runCli(["suppressions"], { env })).stdout).toContain("known, harmless");

  expect((await runCli(["unsuppress", held?.id ?? ""], { env })).code).toBe(0);
  expect(await home.stores.suppressions.list(home.clock.now())).toEqual([]);
});
