import { mkdtempSync, rmSync } from "node:fs";
import { Agent, request } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ServerType, serve } from "@hono/node-server";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { compose } from "../../../src/composition/compose.ts";
import { parseConfig } from "../../../src/config/index.ts";
import { ACCESS_RULES } from "../../../src/dashboard/access/accessRules.ts";
import { issueToken } from "../../../src/dashboard/access/userTokens.ts";
import type { Grant, Role } from "../../../src/domain/access.ts";
import { uuidFrom } from "../../../src/domain/ids.ts";
import { fingerprint } from "../../../src/ingest/grouping/fingerprint.ts";
import { createIngestServer } from "../../../src/server/ingestServer.ts";
import { createApp } from "../../../src/server/server.ts";
import { buildEvent } from "../../helpers/eventBuilder.ts";
import { createFakeRunStarter } from "../../helpers/runStarter.ts";
import { testClock } from "../../helpers/testClock.ts";
import { buildTicketAwaitingApproval } from "../../helpers/ticketBuilder.ts";
import { makeTinyService } from "../../helpers/tinyService.ts";

const KEY = "an-ingest-key-0123456789";
const RANKS: readonly Role[] = ["viewer", "approver", "admin"];
/** Who asks: a name, and what they may do on the service that everything in this test belongs to. */
const CALLERS: Record<string, { grants: Grant[]; here: Role | null; everywhere: Role | null }> = {
  viewer: { grants: [{ role: "viewer", services: ["tiny"] }], here: "viewer", everywhere: null },
  approver: { grants: [{ role: "approver", services: ["tiny"] }], here: "approver", everywhere: null },
  admin: { grants: [{ role: "admin", services: "*" }], here: "admin", everywhere: "admin" },
  globalViewer: { grants: [{ role: "viewer", services: "*" }], here: "viewer", everywhere: "viewer" },
  elsewhere: { grants: [{ role: "approver", services: ["other"] }], here: null, everywhere: null },
};

let server: { url: string; routes: readonly { method: string; path: string }[] };
let close: () => Promise<void>;
const tokens: Record<string, string> = {};
const ids: Record<string, string> = {};
const agent = new Agent({ keepAlive: true, maxSockets: 8 });

beforeAll(async () => {
  const dir = mkdtempSync(join(tmpdir(), "access-"));
  const tiny = makeTinyService(dir, {});
  const config = parseConfig({
    dataDir: join(dir, "data"),
    port: 0,
    // Nothing runs: routes are asked who may use them, not what they do.
    enabled: false,
    limits: { trustedProxies: ["127.0.0.1"] },
    keys: [{ key: KEY, project: "test", tier: "T1" }],
    services: [tiny.settings, { ...tiny.settings, name: "other" }],
  });
  const quiet = () => undefined;
  const clock = testClock();
  const system = await compose(config, { clock, log: { info: quiet, warn: quiet, error: quiet }, secrets: {} });
  const { stores } = system;
  // In the place of the LangGraph API: whatever is let through to it answers 200.
  const host = { ...createFakeRunStarter(), fetch: async () => new Response("let through") };
  const ingest = createIngestServer(system, host);
  const app = createApp(system, host, ingest, async () => ({ kind: "reloaded", changed: [], needsRestart: [] }));
  const listening = await new Promise<ServerType>((resolve) => {
    const made = serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" }, () => resolve(made));
  });
  const { port } = listening.address() as AddressInfo;
  server = { url: `http://127.0.0.1:${port}`, routes: app.routes };
  close = async () => {
    await new Promise((done) => listening.close(done));
    await ingest.close();
    await system.close();
    rmSync(dir, { recursive: true, force: true });
  };
  for (const [name, { grants }] of Object.entries(CALLERS)) {
    await stores.users.put({ name, grants, createdAt: 0, createdBy: "admin" });
    tokens[name] = (await issueToken({ ...stores, clock }, name)).token;
  }
  const event = buildEvent({ project: "test", service: "tiny" });
  const { issue } = await stores.issues.digest(event, fingerprint(event));
  const ticket = await stores.tickets.open(buildTicketAwaitingApproval({ service: "tiny", issueIds: [issue.id] }));
  Object.assign(ids, { ticket: ticket.id, thread: ticket.id, issue: issue.id });
  const suppression = { id: uuidFrom("s"), issueId: issue.id, reason: "known", by: "ada", liftedAt: null };
  await stores.suppressions.add({ ...suppression, createdAt: clock.now(), expiresAt: clock.now() + 1e9 });
  ids.suppression = suppression.id;
});
afterAll(async () => {
  agent.destroy();
  await close();
});

interface Reply {
  status: number;
  code: string;
}

let asked = 0;

/** Sends exactly this path; reads the answer only as far as an error code goes. */
function ask(method: string, path: string, headers: Record<string, string> = {}): Promise<Reply> {
  asked += 1;
  const { hostname, port } = new URL(server.url);
  // An address of its own for each request: what is tested here is not the throttle.
  const from = `10.${(asked >> 16) & 255}.${(asked >> 8) & 255}.${asked & 255}`;
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        hostname,
        port,
        method,
        path,
        agent,
        headers: { accept: "application/json", "x-forwarded-for": from, ...headers },
      },
      (reply) => {
        const status = reply.statusCode ?? 0;
        if (status < 400) {
          resolve({ status, code: "" });
          reply.destroy();
          return;
        }
        let text = "";
        reply.on("data", (chunk) => {
          text += chunk;
        });
        reply.on("end", () => resolve({ status, code: /"code":"(\w+)"/.exec(text)?.[1] ?? "" }));
      },
    );
    sent.on("error", reject);
    sent.end();
  });
}

/** Whether the access check let the request through to its handler. */
const passed = ({ status, code }: Reply) =>
  status !== 401 &&
  status !== 429 &&
  !["forbidden", "forgery"].includes(code) &&
  !(status === 404 && code === "notFound");

function filled(path: string, on: string | undefined): string {
  const id = ids[on ?? ""] ?? "00000000-0000-4000-8000-000000000000";
  return path
    .replace(/:(?:id|thread_id)/, id)
    .replace(/\/:namespace\?/, "")
    .replace(/:[a-z_]+/g, "00000000-0000-4000-8000-000000000001");
}

const guarded = ACCESS_RULES.filter(([, , least]) => least !== "public" && least !== "key" && least !== "signed");

function mayPass(
  caller: { here: Role | null; everywhere: Role | null },
  least: string,
  on: string | undefined,
): boolean {
  if (least === "closed") return false;
  // What this test has no sample of is nobody's but of those who may everywhere.
  const role =
    on === "any" || (on !== undefined && ids[on] !== undefined)
      ? (caller.here ?? (on === "any" ? "approver" : null))
      : caller.everywhere;
  return role !== null && RANKS.indexOf(role) >= RANKS.indexOf(least as Role);
}

it("every route that is mounted has a rule, and every rule a route", async () => {
  const base = import.meta.resolve("@langchain/langgraph-api/server");
  const langGraph: { method: string; path: string }[] = [{ method: "POST", path: "/internal/truncate" }];
  for (const name of ["meta", "assistants", "runs", "threads", "store"]) {
    const { default: api } = (await import(new URL(`./api/${name}.mjs`, base).href)) as {
      default: { routes: { method: string; path: string }[] };
    };
    langGraph.push(...api.routes);
  }
  const { default: protocol } = (await import(new URL("./api/protocol.mjs", base).href)) as {
    default: (upgrade: unknown, ops: unknown) => { routes: { method: string; path: string }[] };
  };
  langGraph.push(...protocol(() => () => undefined, {}).routes);
  const real = [...server.routes, ...langGraph].filter(
    ({ method, path }) => !path.endsWith("*") && !["ALL", "OPTIONS"].includes(method) && path !== "/answer/:token",
  );
  const mounted = new Set(real.map(({ method, path }) => `${method} ${path}`));
  const ruled = new Set(ACCESS_RULES.map(([method, path]) => `${method} ${path}`));
  for (const one of ["GET", "POST"]) ruled.delete(`${one} /answer/:token`);
  expect([...mounted].filter((route) => !ruled.has(route))).toEqual([]);
  expect([...ruled].filter((route) => !mounted.has(route))).toEqual([]);
  expect(mounted.size).toBeGreaterThan(120);
});

describe("every route", () => {
  it("opens to nobody without a token, and to no ingest key", async () => {
    const open: string[] = [];
    for (const [method, path, , on] of guarded)
      for (const headers of [
        {},
        { authorization: `Bearer ${KEY}` },
        { "x-api-key": KEY },
        { "x-auth-scheme": "langsmith" },
      ]) {
        const reply = await ask(method, filled(path, on), headers as Record<string, string>);
        if (reply.status !== 401) open.push(`${method} ${path} ${JSON.stringify(headers)}: ${reply.status}`);
      }
    expect(open).toEqual([]);
  });

  it("reads no token from a URL", async () => {
    const open: string[] = [];
    for (const [method, path, , on] of guarded)
      for (const name of ["token", "api_key", "access_token"]) {
        const reply = await ask(method, `${filled(path, on)}?${name}=${tokens.admin}`);
        if (reply.status !== 401) open.push(`${method} ${path} ${name}: ${reply.status}`);
      }
    expect(open).toEqual([]);
  });

  it.each(Object.keys(CALLERS))("opens to %s exactly where the table says so", async (name) => {
    const caller = CALLERS[name] ?? { grants: [], here: null, everywhere: null };
    const wrong: string[] = [];
    for (const [method, path, least, on] of guarded) {
      const reply = await ask(method, filled(path, on), { authorization: `Bearer ${tokens[name]}` });
      if (passed(reply) !== mayPass(caller, least, on)) wrong.push(`${method} ${path}: ${reply.status} ${reply.code}`);
    }
    expect(wrong).toEqual([]);
  });

  it("opens by no trick of the path or the method to whom it is closed", async () => {
    const tricks: [string, (method: string, path: string) => [string, string, Record<string, string>?]][] = [
      ["a slash more before", (m, p) => [m, `/${p}`]],
      ["a slash more inside", (m, p) => [m, p.replace(/(.)\//, "$1//")]],
      ["a slash after", (m, p) => [m, `${p}/`]],
      ["dots", (m, p) => [m, `/login/..${p}`]],
      ["encoded dots", (m, p) => [m, `/login/%2e%2e${p}`]],
      ["doubly encoded dots", (m, p) => [m, `/login/%252e%252e${p}`]],
      ["an encoded slash", (m, p) => [m, `/login%2f..${p}`]],
      ["a backslash", (m, p) => [m, `/login/..\\${p.slice(1)}`]],
      ["an encoded letter", (m, p) => [m, p.replace(/[a-z]/, (c) => `%${c.charCodeAt(0).toString(16)}`)]],
      ["upper case", (m, p) => [m, p.toUpperCase()]],
      ["a matrix parameter", (m, p) => [m, `${p};/login`]],
      ["a method override", (m, p) => ["GET", p, { "x-http-method-override": m, "x-http-method": m }]],
      ["HEAD", (_, p) => ["HEAD", p]],
      ["OPTIONS", (_, p) => ["OPTIONS", p]],
      ["a path in a header", (m, p) => [m, "/login", { "x-original-url": p, "x-rewrite-url": p }]],
    ];
    const open: string[] = [];
    for (const [method, path, least, on] of guarded) {
      for (const [name, trick] of tricks) {
        const [sentMethod, sentPath, headers = {}] = trick(method, filled(path, on));
        if (sentPath === "/login") continue;
        for (const who of ["none", "elsewhere"]) {
          if (who === "elsewhere" && (on === "any" || ["GET", "HEAD"].includes(sentMethod))) continue;
          const auth: Record<string, string> = who === "none" ? {} : { authorization: `Bearer ${tokens[who]}` };
          const reply = await ask(sentMethod, sentPath, { ...auth, ...headers });
          if (passed(reply) && ![400, 403, 404, 405].includes(reply.status))
            open.push(`${who} ${name}: ${sentMethod} ${sentPath} (${least}): ${reply.status}`);
        }
      }
    }
    expect(open).toEqual([]);
  });

  it("is closed to a session from another origin, or without the form's token", async () => {
    const body = new URLSearchParams({ token: tokens.admin ?? "" });
    const login = await fetch(`${server.url}/login`, {
      method: "POST",
      body,
      headers: { origin: server.url },
      redirect: "manual",
    });
    const cookie = login.headers.get("set-cookie")?.split(";")[0] ?? "";
    const page = await (await fetch(`${server.url}/`, { headers: { cookie, accept: "text/html" } })).text();
    const csrf = /name="csrf" value="([^"]+)"/.exec(page)?.[1] ?? "";
    const origin = server.url;
    const wrong: string[] = [];
    for (const [method, path, , on] of guarded.filter(([m, p]) => m !== "GET" && p !== "/logout"))
      for (const headers of [
        { cookie, origin },
        { cookie, "x-csrf-token": csrf },
        { cookie, origin, "x-csrf-token": `${csrf}x` },
        { cookie, origin: "http://evil.test", "x-csrf-token": csrf },
        { cookie, origin: "null", "x-csrf-token": csrf },
        { cookie, origin: `${origin}.evil.test`, "x-csrf-token": csrf },
      ]) {
        const reply = await ask(method, filled(path, on), headers as Record<string, string>);
        if (reply.code !== "forgery")
          wrong.push(`${method} ${path} ${JSON.stringify(headers)}: ${reply.status} ${reply.code}`);
      }
    expect(wrong).toEqual([]);
  });
});
