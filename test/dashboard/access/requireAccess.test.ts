import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type DashboardHome, makeDashboardHome } from "../../helpers/dashboardHome.ts";
import { type DashboardSession, sendLogin, signIn } from "../../helpers/dashboardSession.ts";

let home: DashboardHome;
let ada: DashboardSession;
beforeAll(async () => {
  home = await makeDashboardHome();
  // What the composition root mounts later on the same app must be behind the same check.
  home.app.all("/threads/*", (c) => c.text("mounted later"));
  ada = await signIn(home);
});
afterAll(() => home.remove());

/** Behind a signature of its own instead: test/dashboard/access/answerLinks.test.ts. */
const SIGNED = /^\/(?:answer|login)\//;
const PUBLIC = ["/login", "/dashboard.css", "/dashboard.js", "/favicon.svg"];

describe("requireAccess", () => {
  it("stands before every route but the public ones", async () => {
    const routes = home.app.routes.filter((r) => r.path !== "/*" && !r.path.endsWith("/v1/*"));
    const guarded = routes.filter((r) => !PUBLIC.includes(r.path) && !SIGNED.test(r.path));
    expect(guarded.length).toBeGreaterThan(14);
    for (const { method, path } of [
      ...guarded,
      { method: "POST", path: "/threads/x" },
      { method: "GET", path: "/no-such" },
    ]) {
      const reply = await home.app.request(path.replace("*", "x"), { method: method === "ALL" ? "GET" : method });
      expect([path, reply.status]).toEqual([path, 401]);
      expect(await reply.json()).toMatchObject({ error: { code: "unauthorized" } });
    }
    for (const path of PUBLIC) expect((await home.app.request(path)).status).toBe(200);
  });

  it.each([
    ["a bearer token", { authorization: "Bearer $TOKEN" }, 200],
    ["the SDK's x-api-key", { "x-api-key": "$TOKEN" }, 200],
    ["a wrong bearer token", { authorization: "Bearer sh_wrong" }, 401],
    ["an empty x-api-key", { "x-api-key": "" }, 401],
    ["basic authentication", { authorization: "Basic JFRPS0VO" }, 401],
    ["LangSmith's scheme, which bypasses the LangGraph API's own check", { "x-auth-scheme": "langsmith" }, 401],
    ["an invented session", { cookie: "selfheal_session=invented" }, 401],
    ["a good session with a wrong token: the token counts", { cookie: "$COOKIE", "x-api-key": "sh_wrong" }, 401],
    ["a good session", { cookie: "$COOKIE" }, 200],
    ["a WebSocket handshake by cookie", { cookie: "$COOKIE", upgrade: "websocket", origin: "http://evil.test" }, 403],
  ])("%s", async (_name, headers, status) => {
    const filled = Object.entries(headers).map(([k, v]): [string, string] => [
      k,
      v.replace("$TOKEN", home.token).replace("$COOKIE", ada.cookie),
    ]);
    for (const path of ["/v1/status", "/threads/x"]) {
      expect((await home.app.request(path, { headers: Object.fromEntries(filled) })).status).toBe(status);
    }
  });

  it("sends browsers to the login page, and back to where they were", async () => {
    const reply = await home.app.request("/tickets/abcdef?x=1", { headers: { accept: "text/html" } });
    expect(reply.status).toBe(303);
    expect(reply.headers.get("location")).toBe("/login?next=%2Ftickets%2Fabcdef%3Fx%3D1");
  });

  it.each([
    ["same origin and token", {}, {}, 303],
    ["another origin", { origin: "http://evil.test" }, {}, 403],
    ["another port of the same host", { origin: "http://localhost:3000" }, {}, 403],
    ["an opaque origin", { origin: "null" }, {}, 403],
    ["no token", {}, { csrf: "" }, 403],
    ["another session's token", {}, { csrf: "other" }, 403],
  ])("unsafe request by cookie: %s", async (_name, headers, fields, status) => {
    expect((await ada.send("/pause", fields, headers)).status).toBe(status);
    await ada.send("/resume", {});
  });

  it("needs an Origin even with the right token", async () => {
    const reply = await home.app.request("/pause", {
      method: "POST",
      body: new URLSearchParams({ csrf: ada.csrf }),
      headers: { cookie: ada.cookie },
    });
    expect(reply.status).toBe(403);
  });

  it("takes the session's token in a header for JSON, and knows who it is", async () => {
    const post = (headers: Record<string, string>) =>
      home.app.request("/v1/pause", {
        method: "POST",
        body: JSON.stringify({ by: "Somebody else" }),
        headers: { cookie: ada.cookie, origin: "http://localhost", "content-type": "application/json", ...headers },
      });
    expect((await post({})).status).toBe(403);
    expect((await post({ "x-csrf-token": ada.csrf })).status).toBe(200);
    expect((await home.stores.audit.list({ limit: 1 }))[0]).toMatchObject({
      kind: "system.paused",
      actor: "person:Ada",
    });
  });
});

it("reads no endless form", async () => {
  expect((await ada.send("/pause", { by: "x".repeat(70_000) })).status).toBe(413);
  expect((await sendLogin(home, { token: "x".repeat(70_000) })).status).toBe(413);
});

describe("signing in", () => {
  it("refuses a wrong token, and a form from elsewhere", async () => {
    const wrong = await sendLogin(home, { token: "sh_wrong" });
    expect(wrong.status).toBe(401);
    expect(wrong.headers.get("set-cookie")).toBeNull();
    expect(await wrong.text()).toContain("token is not valid");
    expect((await sendLogin(home, { token: home.token }, { origin: "http://evil.test" })).status).toBe(403);
    expect((await sendLogin(home, { token: home.token }, {})).status).toBe(403);
  });

  it("sets a cookie that scripts and other sites never get", async () => {
    const plain = await sendLogin(home, { token: home.token });
    expect(plain.headers.get("set-cookie")).toMatch(/^selfheal_session=[\w-]{43}; .*HttpOnly; SameSite=Strict$/);
    const headers = { origin: "https://localhost", "x-forwarded-proto": "https" };
    const tls = (await sendLogin(home, { token: home.token }, headers)).headers.get("set-cookie");
    expect(tls).toMatch(/^__Host-selfheal_session=[\w-]{43}; .*HttpOnly; Secure; SameSite=Strict$/);
  });

  it.each([
    ["/tickets/abc?x=1", "/tickets/abc?x=1"],
    ["https://evil.test/", "/"],
    ["//evil.test/", "/"],
    ["/\\evil.test", "/"],
    ["javascript:alert(1)", "/"],
    ["/%2F%2Fevil.test", "/%2F%2Fevil.test"],
    ["/..//evil.test", "/"],
  ])("leads to %s only when that is a path of this server", async (next, location) => {
    const reply = await sendLogin(home, { token: home.token, next });
    expect(reply.status).toBe(303);
    expect(reply.headers.get("location")).toBe(location);
  });

  it("ends with signing out", async () => {
    const bob = await signIn(home, "Bob");
    expect((await bob.send("/logout", {})).headers.get("location")).toBe("/login");
    expect((await bob.page("/")).status).toBe(303);
  });
});

it("sends a strict content security policy, on its own and on later routes", async () => {
  for (const path of ["/", "/login", "/threads/x"]) {
    const { headers } = await ada.page(path);
    const policy = headers.get("content-security-policy") ?? "";
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/unsafe|\*/);
    expect(headers.get("x-frame-options")).not.toBeNull();
    // With no-referrer browsers send `Origin: null` along with our own forms.
    expect(headers.get("referrer-policy")).toBe("same-origin");
  }
  expect((await ada.page("/")).headers.get("cache-control")).toBe("no-store");
});
