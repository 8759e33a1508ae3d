import { expect, onTestFinished, test } from "vitest";
import { callApi } from "../../helpers/apiCalls.ts";
import { runCli } from "../../helpers/cliRun.ts";
import { makeDashboardHome } from "../../helpers/dashboardHome.ts";
import { buildEvent } from "../../helpers/eventBuilder.ts";

test("the balance of each project is shown, by REST and as a page, and needs the admin token", async () => {
  const home = await makeDashboardHome(() => ({ pressure: () => Promise.resolve("soft") }));
  onTestFinished(() => home.remove());
  const event = buildEvent({ project: "shop" });
  await home.stores.spool.append([event, buildEvent({ project: "shop" })]);
  await home.stores.spool.append([event]);
  const count = { project: "shop", events: 3 };
  await home.stores.ingestCounts.add(
    [
      { ...count, outcome: "dropped", reason: "tooLarge" },
      { ...count, outcome: "reported", reason: "queue_overflow" },
      { ...count, outcome: "deferred", reason: "queueFull" },
    ],
    home.clock.now(),
  );
  for (let i = 0; i < 3; i++) await home.stores.spool.failed(event, "<b>no such thing</b>");

  const { status, body } = await callApi(home, "GET", "/v1/stats");
  expect(status).toBe(200);
  expect(body).toMatchObject({
    pressure: "soft",
    waiting: { rows: 1 },
    projects: [
      { project: "shop", thrown: 8, received: 2, lost: 3, reportedLost: 3, deferred: 3, repeated: 1, setAside: 1 },
    ],
    setAside: [{ eventId: event.id, reason: "<b>no such thing</b>" }],
  });
  const page = await home.app.request("/ingest", { headers: { authorization: `Bearer ${home.token}` } });
  const text = await page.text();
  expect(page.status).toBe(200);
  expect(text).toContain("3 reported, queue_overflow");
  expect(text).toContain("&lt;b&gt;no such thing");
  expect((await home.app.request("/v1/stats")).status).toBe(401);
  expect((await callApi(home, "GET", "/v1/stats?since=soon")).status).toBe(400);
  const env = { SELFHEAL_URL: await home.listen(), SELFHEAL_TOKEN: home.token };
  const told = await runCli(["stats"], { env });
  expect(told.stdout).toMatch(/shop +8 +2 +0 +3 +3 +3 +1 +1/);
  expect(told.stdout).toContain("shop: 3 dropped, tooLarge");
  expect(told.stdout).toContain("1 events wait to be digested; back-pressure: soft.");
  expect((await callApi(home, "POST", "/v1/stats/retry")).body).toEqual({ retried: 1 });
});
