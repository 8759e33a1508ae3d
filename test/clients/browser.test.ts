import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { snippet } from "../../clients/browser/src/snippet.js";
import { HAS_BROWSER, launchBrowser } from "../helpers/browser.ts";
import { BROWSER_KEY, type IngestServer, startIngest } from "../helpers/ingestServer.ts";
import { eventually } from "../helpers/patience.ts";

/** As `npm run build` makes it. */
const library = build({
  entryPoints: [join(import.meta.dirname, "../../clients/browser/src/index.js")],
  bundle: true,
  minify: true,
  target: "es2020",
  format: "iife",
  globalName: "selfheal",
  write: false,
}).then(({ outputFiles }) => outputFiles[0]?.text ?? "");

test("is under 4 KB, minified and gzipped", async () => {
  expect(gzipSync(await library).length).toBeLessThan(4096);
});

describe.skipIf(!HAS_BROWSER)("@selfheal/browser in Chromium (needs Chromium)", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());

  /** A shop's page on an origin of its own, with the client in it. `early` runs before the client is there. */
  async function open(server: Pick<IngestServer, "url">, options: { early?: string; page?: Page } = {}) {
    const script = await library;
    const site = createServer((request, response) => {
      const { pathname } = new URL(request.url ?? "/", "http://x");
      const isPage = pathname === "/" || pathname === "/cart";
      response.writeHead(isPage || pathname.endsWith(".js") ? 200 : 404, {
        "content-type": pathname.endsWith(".js") ? "text/javascript" : "text/html",
      });
      if (pathname === "/selfheal.js") return response.end(script);
      if (pathname === "/cart.js") return response.end(CART);
      if (!isPage) return response.end();
      response.end(
        `<!doctype html><script>${snippet}</script><script>${options.early ?? ""}</script>` +
          `<script src="/selfheal.js"></script><script src="/cart.js"></script><script>window.client = selfheal.init(${JSON.stringify(
            { url: server.url, key: BROWSER_KEY, service: "shop-api", release: "abc1234" },
          )})</script>`,
      );
    });
    await new Promise<void>((done) => site.listen(0, "127.0.0.1", done));
    onTestFinished(() => {
      site.closeAllConnections();
      site.close();
    });
    const { port } = site.address() as AddressInfo;
    const page = options.page ?? (await (await browser.newContext()).newPage());
    await page.goto(`http://127.0.0.1:${port}/?token=secret`);
    return { page, origin: `http://127.0.0.1:${port}` };
  }

  const stored = (server: IngestServer, count: number) =>
    eventually(async () => {
      const events = await server.stored();
      expect(events).toHaveLength(count);
      return events;
    }, 20);

  test("captures errors and rejections with causes and what the page did before", async () => {
    const server = await startIngest();
    const { page, origin } = await open(server);
    await page.evaluate(`history.pushState({}, "", "/cart?voucher=SECRET"); fetch("/missing?token=SECRET")`);
    await page.waitForLoadState("networkidle");
    await page.evaluate(`setTimeout(() => total({ items: null }), 0)`);
    await stored(server, 1);
    await page.evaluate(`void Promise.reject(new Error("late", { cause: new TypeError("first") }))`);
    const events = await stored(server, 2);
    const crash = events.find((e) => e.exception.type === "TypeError");
    expect(crash).toMatchObject({
      platform: "browser",
      level: "fatal",
      handled: false,
      release: "abc1234",
      trustTier: "T0",
      tags: { origin: "error" },
      request: { method: "GET", url: `${origin}/cart` },
    });
    expect(crash?.exception.frames[0]).toMatchObject({
      file: `${origin}/cart.js`,
      function: "total",
      line: 2,
      inApp: true,
    });
    const breadcrumbs = JSON.parse(crash?.extra.breadcrumbs ?? "[]");
    expect(breadcrumbs).toMatchObject([
      { type: "navigation", text: "/cart" },
      { type: "fetch", text: "GET /missing → 404" },
    ]);
    const rejected = events.find((e) => e.exception.value === "late");
    expect(rejected).toMatchObject({
      tags: { origin: "unhandledrejection" },
      causes: [{ type: "TypeError", value: "first" }],
    });
    expect(JSON.stringify(events)).not.toContain("SECRET");
    expect(await page.evaluate("client.stats()")).toEqual({ pending: 0, acked: 2, dropped: 0, rejected: 0 });
  });

  test("takes over what crashed before it was loaded", async () => {
    const server = await startIngest();
    await open(server, { early: "null.early" });
    const [event] = await stored(server, 1);
    expect(event?.exception).toMatchObject({ type: "TypeError", value: expect.stringContaining("early") });
  });

  test("offline, an event outlives its page; the next page sends it, and it counts once", async () => {
    const server = await startIngest();
    const { page } = await open(server);
    await page.context().setOffline(true);
    await page.evaluate(`selfheal.captureException(new Error("offline"))`);
    expect(await page.evaluate("client.flush()")).toBe(false);
    expect(await page.evaluate("client.stats().pending")).toBe(1);
    await page.context().setOffline(false);
    await page.reload();
    const [event] = await stored(server, 1);
    expect(event?.exception.value).toBe("offline");
    await eventually(async () => expect(await page.evaluate("client.stats().pending")).toBe(0));
    expect(await page.evaluate("Object.keys(localStorage)")).toEqual([]);
  });

  test("a page that goes hands its last events to the browser", async () => {
    const server = await startIngest();
    const { page } = await open(server);
    await page.evaluate(`selfheal.captureException(new Error("last words")); location.href = "about:blank"`);
    const [event] = await stored(server, 1);
    expect(event?.exception.value).toBe("last words");
  });

  test("a page that crashes in a loop does not flood, and nothing is thrown into it", async () => {
    const server = await startIngest();
    const { page } = await open(server);
    const faults: string[] = [];
    page.on("pageerror", (fault) => faults.push(fault.message));
    const ids = await page.evaluate(`(() => {
      const circular = {}; circular.self = circular;
      const hostile = new Error("x"); Object.defineProperty(hostile, "stack", { get() { throw new Error("no") } });
      const loop = new Error("loop"); loop.cause = loop;
      const odd = [null, undefined, 5, "text", Symbol("s"), circular, hostile, loop].map((thrown) => selfheal.captureException(thrown));
      for (let i = 0; i < 100; i++) selfheal.captureException(new Error("again " + i));
      return odd;
    })()`);
    for (const id of ids as string[]) expect(id).toMatch(/^[0-9a-f]{32}$/);
    await stored(server, 30);
    await eventually(async () =>
      expect(await page.evaluate("client.stats()")).toEqual({ pending: 0, acked: 30, dropped: 78, rejected: 0 }),
    );
    expect(faults).toEqual([]);
  });
});

const CART = `function total(cart) {
  return cart.items.reduce((sum, item) => sum + item.cents, 0);
}
`;
