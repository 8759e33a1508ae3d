import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, it, onTestFinished } from "vitest";
import type { MappedPerson, ProviderSettings } from "../../../src/dashboard/access/signInProviders.ts";
import { type DashboardHome, makeDashboardHome } from "../../helpers/dashboardHome.ts";
import { OIDC_CLIENT, type OidcServer, startOidcServer } from "../../helpers/oidcServer.ts";

const PUBLIC = "http://localhost";
const ADA = { email: "Ada@example.org", email_verified: true, groups: ["staff", "oncall"] };

let home: DashboardHome;
let oidc: OidcServer;
let people: MappedPerson[] = [];

beforeEach(async () => {
  oidc = await startOidcServer(`${PUBLIC}/login/company/callback`, { ...ADA });
  const client = { clientId: OIDC_CLIENT.id, clientSecret: OIDC_CLIENT.secret };
  const company: ProviderSettings = {
    ...{ type: "oidc", name: "company", issuer: oidc.issuer },
    ...{ ...client, scope: "openid email profile", groupsClaim: "groups" },
  } as ProviderSettings;
  people = [{ provider: "company", email: "ada@example.org", role: "approver", services: ["shop-api"] }];
  home = await makeDashboardHome(() => ({ publicUrl: PUBLIC, signIn: [company], people: () => people }));
});
afterEach(async () => {
  await home.remove();
  await oidc.close();
});

/** Begins a sign-in as a browser does. Returns the provider's page to go to, and the browser's cookie. */
async function begin(name = "company") {
  const reply = await home.app.request(`/login/${name}?next=/ingest`);
  return { to: reply.headers.get("location") ?? "", cookie: reply.headers.get("set-cookie")?.split(";")[0] ?? "" };
}

/** Follows the provider's redirects until it sends the browser back. */
async function signedIn(to: string): Promise<string> {
  const jar = new Map<string, string>();
  for (let url = to; ; ) {
    const cookie = [...jar].map(([key, value]) => `${key}=${value}`).join("; ");
    const reply = await fetch(url, { redirect: "manual", headers: { cookie } });
    for (const set of reply.headers.getSetCookie()) {
      const [key = "", value = ""] = (set.split(";")[0] ?? "").split(/=(.*)/s);
      jar.set(key, value);
    }
    const next = reply.headers.get("location");
    if (next === null) throw new Error(`${reply.status} ${await reply.text()}`);
    url = new URL(next, url).href;
    if (url.startsWith(PUBLIC)) return url.slice(PUBLIC.length);
  }
}

const back = async (path: string, cookie: string) => home.app.request(path, { headers: { cookie } });
const session = (reply: Response) =>
  reply.headers
    .getSetCookie()
    .find((one) => one.startsWith("selfheal_session="))
    ?.split(";")[0];

it("signs in whom the provider vouches for and the configuration maps, under the provider's name for them", async () => {
  const { to, cookie } = await begin();
  const asked = new URL(to).searchParams;
  expect(asked.get("code_challenge_method")).toBe("S256");
  expect(asked.get("redirect_uri")).toBe(`${PUBLIC}/login/company/callback`);
  expect([asked.get("state"), asked.get("nonce")]).toEqual([expect.any(String), expect.any(String)]);
  const reply = await back(await signedIn(to), cookie);
  expect([reply.status, await reply.text()]).toEqual([200, expect.stringContaining('url=/ingest"')]);
  const mine = { cookie: session(reply) ?? "" };
  const me = await home.app.request("/v1/me", { headers: mine });
  expect(await me.json()).toEqual({ name: ADA.email, grants: [{ role: "approver", services: ["shop-api"] }] });
  // The mapping is read at each request.
  people = [];
  expect((await home.app.request("/v1/me", { headers: mine })).status).toBe(403);
});

it("maps groups, and no e-mail address that is not verified", async () => {
  people = [{ provider: "company", group: "oncall", role: "admin", services: "*" }];
  const first = await begin();
  expect((await back(await signedIn(first.to), first.cookie)).status).toBe(200);
  people = [{ provider: "company", email: "ada@example.org", role: "admin", services: "*" }];
  oidc.account = { ...ADA, email_verified: false };
  const second = await begin();
  const reply = await back(await signedIn(second.to), second.cookie);
  expect([reply.status, session(reply)]).toEqual([403, undefined]);
  expect(await reply.text()).toContain("has no role here");
  people = [{ provider: "another", group: "oncall", role: "admin", services: "*" }];
  const third = await begin();
  expect((await back(await signedIn(third.to), third.cookie)).status).toBe(403);
});

it("takes no answer twice, late, from another browser, or with another state, nonce or code", async () => {
  const good = await begin();
  const path = await signedIn(good.to);
  expect((await back(path, "")).status).toBe(400);
  expect((await back(path, "selfheal_sign_in=invented")).status).toBe(400);
  expect((await back(path, good.cookie)).status).toBe(200);
  const again = await back(path, good.cookie);
  expect([again.status, session(again)]).toEqual([400, undefined]);
  const other = await begin();
  const stolen = await signedIn(other.to);
  const victim = await begin();
  expect((await back(stolen, victim.cookie)).status).toBe(400);
  for (const change of [/code=[^&]*/, /state=[^&]*/]) {
    const mine = await begin();
    const changed = (await signedIn(mine.to)).replace(change, (part) => `${part.split("=")[0]}=invented`);
    const reply = await back(changed, mine.cookie);
    expect([reply.status, session(reply)]).toEqual([400, undefined]);
  }
  const late = await begin();
  const answer = await signedIn(late.to);
  home.clock.advance(600_000);
  expect((await back(answer, late.cookie)).status).toBe(400);
  expect((await home.app.request("/login/nobody")).status).toBe(404);
});

it("signs in by GitHub, whose API says who it is", async () => {
  const github = createServer((request, response) => {
    const answers: Record<string, unknown> = {
      "/login/oauth/access_token": { access_token: "t", token_type: "bearer", scope: "read:user" },
      "/user": { id: 7, login: "octo" },
      "/user/emails": [{ email: "octo@example.org", primary: true, verified: false }],
    };
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(answers[request.url ?? ""] ?? {}));
  });
  await new Promise<void>((done) => github.listen(0, "127.0.0.1", done));
  onTestFinished(() => void github.close());
  const url = `http://127.0.0.1:${(github.address() as AddressInfo).port}`;
  const gh: ProviderSettings = { type: "github", name: "github", url, apiUrl: url, clientId: "c", clientSecret: "s" };
  const other = await makeDashboardHome(() => ({
    publicUrl: PUBLIC,
    signIn: [gh],
    people: () => [{ provider: "github", login: "Octo", role: "viewer", services: "*" }],
  }));
  onTestFinished(() => other.remove());
  const reply = await other.app.request("/login/github");
  const to = new URL(reply.headers.get("location") ?? "");
  expect([to.pathname, to.searchParams.get("code_challenge_method")]).toEqual(["/login/oauth/authorize", "S256"]);
  const cookie = reply.headers.get("set-cookie")?.split(";")[0] ?? "";
  const answered = await other.app.request(`/login/github/callback?code=x&state=${to.searchParams.get("state")}`, {
    headers: { cookie },
  });
  expect([answered.status, await answered.text()]).toEqual([200, expect.stringContaining("github:octo")]);
});
