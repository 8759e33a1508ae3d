import { expect, it, onTestFinished } from "vitest";
import { fingerprint } from "../../../src/ingest/grouping/fingerprint.ts";
import { makeDashboardHome } from "../../helpers/dashboardHome.ts";
import { buildEvent } from "../../helpers/eventBuilder.ts";

it("lists, makes and lifts suppressions over REST", async () => {
  const home = await makeDashboardHome();
  onTestFinished(() => home.remove());
  const event = buildEvent();
  const { issue } = await home.stores.issues.digest(event, fingerprint(event));
  const headers = { authorization: `Bearer ${home.token}`, "content-type": "application/json" };
  const call = (method: string, path: string, body?: unknown) =>
    home.app.request(path, { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) });
  const wanted = { of: issue.id, reason: "known", by: "ada", forMs: 1000 };
  expect((await call("POST", "/v1/suppressions", { ...wanted, of: "nothing" })).status).toBe(404);
  expect((await call("POST", "/v1/suppressions", { ...wanted, forMs: 0 })).status).toBe(400);
  expect((await call("POST", "/v1/suppressions", wanted)).status).toBe(201);
  const listed = await (await call("GET", "/v1/suppressions")).json();
  const { suppressions } = listed as { suppressions: { id: string }[] };
  expect(suppressions).toMatchObject([{ issueId: issue.id, by: "admin", reason: "known", events: 1 }]);
  const lifted = await call("DELETE", `/v1/suppressions/${suppressions[0]?.id}?by=bob`);
  expect(await lifted.json()).toMatchObject({ suppression: { liftedAt: home.clock.now() } });
  expect(await (await call("GET", "/v1/suppressions")).json()).toEqual({ suppressions: [] });
  expect((await call("DELETE", "/v1/suppressions/unknown")).status).toBe(404);
});
