import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { describe, expect, onTestFinished, test } from "vitest";
import { HAS_BROWSER, launchBrowser } from "../../helpers/browser.ts";
import { type IngestServer, startIngest } from "../../helpers/ingestServer.ts";
import { eventually } from "../../helpers/patience.ts";
import { tempFolder } from "../../helpers/tempFolder.ts";

const KEY = "publickey0001";
const KEYS = [{ key: KEY, project: "shop", tier: "T0" as const }];
const ROOT = join(import.meta.dirname, "../../..");

const PROGRAM = `
import * as Sentry from "SDK";
Sentry.init({ dsn: process.env.DSN, release: "shop@1.2.3", environment: "production", tunnel: process.env.TUNNEL });
class CheckoutError extends Error { name = "CheckoutError"; }
function cityOf(user) { return user.address.city; }
try {
  try { cityOf({}); } catch (cause) { throw new CheckoutError("checkout failed", { cause }); }
} catch (error) { Sentry.captureException(error); }
Sentry.captureException("just text");
Sentry.captureMessage("it is getting late", "warning");
// Above 32 KiB the SDK compresses.
Sentry.captureException(new RangeError("large"), { extra: { dump: "x ".repeat(40_000) } });
await Sentry.flush(300_000);
setTimeout(() => { throw new TypeError("nobody caught this"); });
`;

async function crash(env: Record<string, string>): Promise<void> {
  const file = join(tempFolder(), "crash.mjs");
  const sdk = pathToFileURL(join(ROOT, "node_modules/@sentry/node/build/esm/index.js")).href;
  writeFileSync(file, PROGRAM.replace("SDK", sdk));
  await promisify(execFile)(process.execPath, [file], { env: { ...process.env, ...env } }).catch(() => undefined);
}

async function byMessage(server: IngestServer) {
  return new Map((await server.stored()).map((event) => [event.exception.value, event]));
}

test.each([
  ["by its DSN alone", {}],
  ["through a tunnel", { TUNNEL: "tunnel" }],
])("a real @sentry/node app, %s", async (_how, more: Record<string, string>) => {
  const server = await startIngest({ keys: KEYS });
  const tunnel = more.TUNNEL === undefined ? {} : { TUNNEL: `${server.url}/tunnel` };
  await crash({ DSN: `http://${KEY}@127.0.0.1:${server.port}/1`, ...tunnel });
  const events = await byMessage(server);
  expect([...events.keys()].toSorted()).toEqual(
    ["checkout failed", "it is getting late", "just text", "large", "nobody caught this"].toSorted(),
  );
  expect(events.get("checkout failed")).toMatchObject({
    service: "shop-api",
    release: "shop@1.2.3",
    environment: "production",
    trustTier: "T0",
    platform: "node",
    traceId: expect.stringMatching(/^[0-9a-f]{32}$/),
    exception: { type: "CheckoutError" },
    causes: [{ type: "TypeError" }],
  });
  expect(events.get("checkout failed")?.causes[0]?.frames[0]).toMatchObject({ function: "cityOf", inApp: true });
  expect(events.get("it is getting late")).toMatchObject({ level: "warning", exception: { type: "Message" } });
  expect(events.get("nobody caught this")).toMatchObject({ level: "fatal", handled: false });
  expect(await server.balance()).toMatchObject({ thrown: 5, received: 5 });
});

test.skipIf(!HAS_BROWSER)("a real @sentry/browser page in Chromium, from another origin", async () => {
  const server = await startIngest({ keys: KEYS });
  const bundle = await build({
    stdin: {
      contents: `import * as Sentry from "@sentry/browser";
        Sentry.init({ dsn: "http://${KEY}@127.0.0.1:${server.port}/1" });
        Sentry.captureMessage("hello");
        function render(cart) { return cart.items.length; }
        setTimeout(() => render({}), 0);
        setTimeout(() => { Promise.reject("refused"); }, 0);`,
      resolveDir: ROOT,
    },
    bundle: true,
    write: false,
    format: "iife",
  });
  const pages = createServer((request, reply) => {
    const isScript = request.url === "/app.js";
    reply.setHeader("content-type", isScript ? "text/javascript" : "text/html");
    reply.end(isScript ? bundle.outputFiles[0]?.text : '<!doctype html><script src="/app.js"></script>');
  });
  await new Promise<void>((resolve) => pages.listen(0, "127.0.0.1", resolve));
  const browser = await launchBrowser();
  onTestFinished(async () => {
    await browser.close();
    pages.close();
  });
  const page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${(pages.address() as AddressInfo).port}/`);
  await eventually(async () => expect(await server.stored()).toHaveLength(3), 50);
  const events = await server.stored();
  const uncaught = events.find(({ exception }) => exception.type === "TypeError");
  expect(uncaught).toMatchObject({ platform: "browser", handled: false });
  expect(uncaught?.exception.frames[0]).toMatchObject({ function: "render", inApp: true });
  expect(events.map(({ exception }) => exception.type)).toContain("Message");
  expect(events.map(({ exception }) => exception.type)).toContain("UnhandledRejection");
});

describe("envelopes", () => {
  const event = (more: object = {}) => ({ exception: { values: [{ type: "E", value: "v" }] }, ...more });
  const envelopeOf = (header: object, ...items: (readonly [object, unknown])[]) =>
    [header, ...items.flat()].map((part) => (typeof part === "string" ? part : JSON.stringify(part))).join("\n");
  async function post(
    server: IngestServer,
    body: string | Uint8Array,
    { path = `/api/1/envelope/?sentry_key=${KEY}`, headers = {} } = {},
  ) {
    const response = await fetch(`${server.url}${path}`, { method: "POST", body: body as string, headers });
    return {
      status: response.status,
      headers: response.headers,
      body: (await response.json()) as { id?: string; detail?: string },
    };
  }

  test("an envelope of nothing that is of use gets its id back, and is counted", async () => {
    const server = await startIngest({ keys: KEYS });
    const id = "c".repeat(32);
    const sent = envelopeOf(
      { event_id: id },
      [{ type: "session" }, {}],
      [{ type: "transaction" }, {}],
      [{ type: "made up" }, {}],
    );
    expect(await post(server, sent)).toMatchObject({ status: 200, body: { id } });
    expect((await post(server, "{}")).body.id).toHaveLength(32);
    expect(await server.balance()).toMatchObject({ thrown: 0, discarded: 3 });
  });

  test("a DSN that is no URL, or whose key is no text, is no key", async () => {
    const server = await startIngest({ keys: KEYS });
    for (const dsn of ["https://%zz@errors.example/1", "https://%E0%A4%A@h/1", "nonsense", "https://h/1", 5, null]) {
      const body = envelopeOf({ dsn }, [{ type: "event" }, event()]);
      expect((await post(server, body, { path: "/tunnel" })).status).toBe(401);
    }
    expect(server.errors).toEqual([]);
    expect(server.acceptor.stats().dropped).toMatchObject({ unauthorized: 6, unavailable: 0 });
  });

  test("keys stand in query, header or DSN; paths with and without a slash", async () => {
    const server = await startIngest({ keys: KEYS });
    const auth = { "x-sentry-auth": `Sentry sentry_version=7, sentry_client=x/1, sentry_key=${KEY}` };
    const one = envelopeOf({}, [{ type: "event" }, event()]);
    const dsn = envelopeOf({ dsn: `https://${KEY}@errors.example/1` }, [{ type: "event" }, event()]);
    expect((await post(server, one, { path: "/api/1/envelope", headers: auth })).status).toBe(200);
    expect((await post(server, dsn, { path: "/tunnel" })).status).toBe(200);
    expect((await post(server, dsn, { path: "/api/99/envelope/" })).status).toBe(200);
    expect((await post(server, JSON.stringify(event()), { path: "/api/1/store", headers: auth })).status).toBe(200);
    const gzipped = { ...auth, "content-encoding": "gzip" };
    expect(
      (await post(server, gzipSync(JSON.stringify(event())), { path: "/api/1/store/", headers: gzipped })).status,
    ).toBe(200);
    expect(await server.stored()).toHaveLength(5);
    expect((await post(server, one, { path: "/api/1/envelope/" })).status).toBe(401);
    expect((await post(server, one, { path: "/tunnel" })).status).toBe(401);
  });

  test("one bad item costs nothing else", async () => {
    const server = await startIngest({ keys: KEYS });
    const sent = envelopeOf({}, [{ type: "event" }, "{oops"], [{ type: "event" }, event()], ["junk", "junk"] as never);
    expect((await post(server, sent)).status).toBe(200);
    expect(await server.balance()).toMatchObject({ thrown: 3, received: 1, lost: 2 });
    const bad = await post(server, envelopeOf({}, [{ type: "event" }, { exception: { values: [{ type: 5 }] } }]));
    expect(bad).toMatchObject({ status: 400, body: { detail: expect.stringContaining("exception.values[0].type") } });
    expect(bad.headers.get("x-sentry-error")).toContain("exception.values[0].type");
  });

  test("log lines of level error are events, once each; others are not", async () => {
    const server = await startIngest({ keys: KEYS });
    const items = [
      {
        timestamp: 1_760_000_000,
        level: "error",
        body: "no stock",
        trace_id: "d".repeat(32),
        attributes: { "sentry.release": { value: "r1", type: "string" } },
      },
      { timestamp: 1_760_000_000, level: "info", body: "hello" },
    ];
    const sent = envelopeOf({}, [
      { type: "log", item_count: 2, content_type: "application/vnd.sentry.items.log+json" },
      { items },
    ]);
    for (let i = 0; i < 2; i++) expect((await post(server, sent)).status).toBe(200);
    expect(await server.stored()).toMatchObject([
      { release: "r1", traceId: "d".repeat(32), exception: { type: "LoggedError", value: "no stock" } },
    ]);
    expect(await server.balance()).toMatchObject({ received: 1, repeated: 1, discarded: 2 });
  });

  test("what clients report as lost is added up, by reason, and only for errors", async () => {
    const server = await startIngest({
      keys: KEYS,
      waiting: () => Promise.resolve({ rows: 10, bytes: 0 }),
      limits: { maxSpool: 10 },
    });
    const report = {
      discarded_events: [
        { reason: "ratelimit_backoff", category: "error", quantity: 40 },
        { reason: "made_up_by_somebody", category: "error", quantity: 2 },
        { reason: "sample_rate", category: "transaction", quantity: 99 },
        { reason: "queue_overflow", category: "error", quantity: -5 },
      ],
    };
    // Also while nothing else is taken.
    expect((await post(server, envelopeOf({}, [{ type: "client_report" }, report]))).status).toBe(200);
    expect(await server.balance()).toMatchObject({ thrown: 42, reportedLost: 42 });
    const sums = await server.stores.ingestCounts.sums();
    expect(sums.map(({ reason }) => reason).toSorted()).toEqual(["other", "ratelimit_backoff"]);
  });

  test("pressure: soft keeps the event and stops the client; hard is a 429; never a 5xx", async () => {
    let rows = 50;
    const server = await startIngest({
      keys: KEYS,
      limits: { maxSpool: 100 },
      waiting: () => Promise.resolve({ rows, bytes: 0 }),
    });
    const one = envelopeOf({}, [{ type: "event" }, event()]);
    const soft = await post(server, one);
    expect([soft.status, soft.headers.get("x-sentry-rate-limits")]).toEqual([200, "60:error:organization:backlog"]);
    rows = 100;
    const hard = await post(server, one);
    expect(hard.status).toBe(429);
    expect(hard.headers.get("x-sentry-rate-limits")).toMatch(/^\d+:error:/);
    const broken = await startIngest({
      keys: KEYS,
      spool: {
        append: () => Promise.reject(new Error("disk full")),
        waiting: () => Promise.resolve({ rows: 0, bytes: 0 }),
      },
    });
    expect((await post(broken, one)).status).toBe(429);
    expect(await broken.balance()).toMatchObject({ thrown: 1, lost: 1 });
  });

  test("any page may report: CORS as Sentry has it", async () => {
    const server = await startIngest({ keys: KEYS });
    const asked = await fetch(`${server.url}/api/1/envelope/`, { method: "OPTIONS" });
    expect(asked.status).toBe(204);
    expect(Object.fromEntries(asked.headers)).toMatchObject({
      "access-control-allow-origin": "*",
      "access-control-allow-methods": "POST",
      "access-control-max-age": "3600",
      "access-control-allow-headers": expect.stringMatching(/x-sentry-auth.*sentry-trace, baggage/),
      "access-control-expose-headers": "x-sentry-error, x-sentry-rate-limits, retry-after",
    });
  });
});
