import { afterEach, beforeEach, expect, it } from "vitest";
import { callApi } from "../../helpers/apiCalls.ts";
import { runCli } from "../../helpers/cliRun.ts";
import { type DashboardHome, makeDashboardHome } from "../../helpers/dashboardHome.ts";
import { signIn } from "../../helpers/dashboardSession.ts";

let home: DashboardHome;
let service: string;
beforeEach(async () => {
  home = await makeDashboardHome();
  const { body } = await callApi(home, "GET", "/v1/autonomy");
  service = (body as { autonomy: { service: string }[] }).autonomy[0]?.service ?? "";
});
afterEach(() => home.remove());

const effective = async () => {
  const { body } = await callApi(home, "GET", "/v1/autonomy");
  const rows = body as { autonomy: { levels: { severity: string; effective: string }[] }[] };
  return Object.fromEntries((rows.autonomy[0]?.levels ?? []).map((l) => [l.severity, l.effective]));
};

it("a person's word over REST counts at once, for one severity or all, and is taken back", async () => {
  const before = await effective();
  const put = { service, level: "observe", severity: "critical", by: "Ada" };
  expect((await callApi(home, "PUT", "/v1/autonomy", put)).status).toBe(200);
  expect(await effective()).toEqual({ ...before, critical: "observe" });
  expect((await home.stores.audit.list())[0]).toMatchObject({ kind: "autonomy.changed", actor: "person:admin" });
  await callApi(home, "PUT", "/v1/autonomy", { service, level: "assist" });
  expect(await effective()).toEqual({ critical: "assist", high: "assist", medium: "assist", low: "assist" });
  await callApi(home, "DELETE", "/v1/autonomy", { service });
  expect(await effective()).toEqual(before);
});

it("says what is wrong with what it cannot take", async () => {
  const level = await callApi(home, "PUT", "/v1/autonomy", { service, level: "yolo" });
  expect([level.status, JSON.stringify(level.body)]).toEqual([400, expect.stringContaining("level")]);
  const unknown = await callApi(home, "PUT", "/v1/autonomy", { service: "nobody", level: "full" });
  expect([unknown.status, JSON.stringify(unknown.body)]).toEqual([404, expect.stringContaining("nobody")]);
});

it("the same from the command line and the page", async () => {
  const env = { SELFHEAL_URL: await home.listen(), SELFHEAL_TOKEN: home.token, USER: "ada" };
  const set = await runCli(["autonomy", "set", service, "assist", "--severity", "low"], { env });
  expect([set.code, set.stdout]).toEqual([0, expect.stringMatching(/low +assist/)]);
  expect((await runCli(["autonomy", "clear", service], { env })).code).toBe(0);
  const ada = await signIn(home);
  expect((await ada.send("/autonomy", { service, level: "observe" })).status).toBe(303);
  expect(await (await ada.page("/autonomy")).text()).toContain("observe (Ada)");
  await ada.send("/autonomy", { service, level: "" });
  expect(await (await ada.page("/autonomy")).text()).not.toContain("observe (Ada)");
});
