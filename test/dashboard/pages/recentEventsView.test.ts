import { expect, it, onTestFinished } from "vitest";
import { activityView } from "../../../src/dashboard/pages/recentEventsView.ts";
import { activityOf } from "../../../src/domain/recentEvents.ts";
import { runCli } from "../../helpers/cliRun.ts";
import { makeDashboardHome } from "../../helpers/dashboardHome.ts";
import { buildEvent } from "../../helpers/eventBuilder.ts";
import { buildTicket } from "../../helpers/ticketBuilder.ts";

it("a ticket shows how often its Issues came in the last hour, and in which releases", async () => {
  const home = await makeDashboardHome();
  onTestFinished(() => home.remove());
  const fingerprint = { algorithm: 1, family: "f", strict: "s", why: "a test" };
  const now = home.clock.now();
  let issueId = "";
  for (const [release, ago] of [
    ["abc1234", 0],
    ["abc1234", 120_000],
    ["<b>old</b>", 7_200_000],
  ] as const) {
    const { issue } = await home.stores.issues.digest(buildEvent({ release, receivedAt: now - ago }), fingerprint);
    issueId = issue.id;
  }
  const ticket = await home.stores.tickets.open(buildTicket({ issueIds: [issueId] }));
  const env = { SELFHEAL_URL: await home.listen(), SELFHEAL_TOKEN: home.token };
  const { stdout } = await runCli(["show", ticket.id], { env });
  expect(stdout).toMatch(/Last hour +2 events ·{57}█·█\n/);
  expect(stdout).toMatch(/Releases +abc1234: 2 events, .* UTC\n +<b>old<\/b>: 1 events/);

  const releases = await home.stores.issues.releases(issueId);
  const minutes = await home.stores.issues.minutes(issueId, 0);
  const page = String(activityView(activityOf(minutes, releases, now), now));
  expect(page).toContain("Last hour: 2 events");
  expect(page).toContain("abc1234");
  expect(page).toContain("&lt;b&gt;old&lt;/b&gt;");
});
