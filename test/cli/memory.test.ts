import { expect, it, onTestFinished } from "vitest";
import { lesson } from "../contract/lessonStore.ts";
import { runCli } from "../helpers/cliRun.ts";
import { makeDashboardHome } from "../helpers/dashboardHome.ts";

it("lists what was learned, and forgets it, on the record", async () => {
  const home = await makeDashboardHome();
  onTestFinished(() => home.remove());
  const env = { SELFHEAL_URL: await home.listen(), SELFHEAL_TOKEN: home.token, USER: "ada" };
  expect((await runCli(["memory"], { env })).stdout).toBe("Nothing was learned yet.\n");
  const one = lesson("a", { titles: ["TypeError: no city"], note: "no recurrence" });
  await home.stores.lessons.add(one);
  await home.stores.lessons.add(lesson("b", { service: "other" }));
  const listed = await runCli(["memory", "--service", "shop"], { env });
  expect(listed.stdout).toContain("TypeError: no city");
  expect(listed.stdout).not.toContain("other");

  expect(await runCli(["memory", "forget", one.id], { env })).toMatchObject({ code: 0, stdout: "Forgotten.\n" });
  expect((await runCli(["memory", "forget", one.id], { env })).stderr).toBe("There is no such lesson.\n");
  expect(await home.stores.lessons.list({ service: "shop" })).toEqual([]);
  expect(await home.stores.audit.list()).toMatchObject([
    { kind: "lesson.forgotten", actor: "person:admin", facts: { lesson: one.id } },
  ]);
});
