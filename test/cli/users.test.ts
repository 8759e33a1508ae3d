import { expect, it, onTestFinished } from "vitest";
import { runCli } from "../helpers/cliRun.ts";
import { makeDashboardHome } from "../helpers/dashboardHome.ts";
import { signIn } from "../helpers/dashboardSession.ts";
import { buildTicketAwaitingApproval } from "../helpers/ticketBuilder.ts";

it("makes a user, who may do what the role says on that service, until the token is revoked", async () => {
  const home = await makeDashboardHome();
  onTestFinished(() => home.remove());
  const env = { SELFHEAL_URL: await home.listen(), SELFHEAL_TOKEN: home.token };
  const made = await runCli(["user", "add", "ada", "--role", "approver", "--service", "shop-api", "--json"], { env });
  const { token, id } = JSON.parse(made.stdout) as { token: string; id: string };
  expect((await home.stores.users.tokens("ada"))[0]?.hash).not.toContain(token.slice(-10));
  const ada = { ...env, SELFHEAL_TOKEN: token };
  const mine = await home.stores.tickets.open(buildTicketAwaitingApproval());
  const other = await home.stores.tickets.open(
    buildTicketAwaitingApproval({ id: "aaaaaaaa-0000-4000-8000-000000000001", service: "other", title: "not for ada" }),
  );
  const tickets = await runCli(["tickets"], { env: ada });
  expect([tickets.stdout.includes(mine.id.slice(0, 8)), tickets.stdout.includes("aaaaaaaa")]).toEqual([true, false]);
  expect((await runCli(["show", other.id], { env: ada })).code).toBe(1);
  home.starter.expectResume(mine.id);
  expect((await runCli(["approve", mine.id, "--by", "Eve"], { env: ada })).stdout).toContain("The answer of ada");
  expect((await home.stores.audit.list({ ticketId: mine.id }))[0]).toMatchObject({ actor: "person:ada" });
  expect((await runCli(["resume"], { env: ada })).stderr).toContain("ada may not do that");
  expect((await runCli(["user", "list"], { env })).stdout).toMatch(new RegExp(`ada +approver on shop-api +${id}`));
  expect((await runCli(["user", "list"], { env: ada })).code).toBe(1);
  await runCli(["user", "revoke", id], { env });
  expect((await runCli(["tickets"], { env: ada })).stderr).toContain("does not know this token");
  expect((await runCli(["user", "remove", "ada"], { env })).stdout).toBe("ada is removed.\n");
  const kinds = (await home.stores.audit.list()).map((entry) => `${entry.kind} ${entry.actor}`);
  expect(kinds.slice(0, 2)).toEqual(["user.removed person:admin", "token.revoked person:admin"]);
});

it("the page of users shows a token once, and a role that is taken away ends at once, in an open session too", async () => {
  const home = await makeDashboardHome();
  onTestFinished(() => home.remove());
  const root = await signIn(home, "root");
  const added = await (await root.send("/users", { name: "bob", role: "viewer", services: "shop-api" })).text();
  const token = /<code>(shu_[\w-]+)<\/code>/.exec(added)?.[1] ?? "";
  expect(token).not.toBe("");
  expect(await (await root.page("/users")).text()).not.toContain(token);
  const bob = await signIn(home, "bob", [{ role: "viewer", services: ["shop-api"] }]);
  await home.stores.tickets.open(buildTicketAwaitingApproval());
  const overview = await (await bob.page("/")).text();
  expect([overview.includes("Sign out bob"), overview.includes('value="approve"')]).toEqual([true, false]);
  expect((await bob.page("/users")).status).toBe(403);
  await root.send("/users/bob/remove", {});
  expect((await bob.page("/")).status).toBe(303);
  expect((await root.send("/users", { name: "Admin", role: "viewer", services: "" })).status).toBe(400);
});
