import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { OTLPLogExporter } from "@opentelemetry/exporter-logs-otlp-proto";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { LoggerProvider, SimpleLogRecordProcessor } from "@opentelemetry/sdk-logs";
import { build } from "esbuild";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { HAS_BROWSER, launchBrowser } from "../helpers/browser.ts";
import { temporaryFolder } from "../helpers/gitRepository.ts";
import { KEY, type ServeProcess, startServe } from "../helpers/serveProcess.ts";
import { makeTinyService } from "../helpers/tinyService.ts";

// Sentry's SDKs take letters, digits and underscores only.
const SENTRY_KEY = "server_key_0123456789";
const PUBLIC_KEY = "public_key_0123456789";
const ROOT = join(import.meta.dirname, "../..");
const HAS_MIX = (await execa("mix", ["--version"], { reject: false })).exitCode === 0;

/** A running selfheal that opens tickets and changes nothing. */
let server: ServeProcess;
beforeAll(async () => {
  const dir = temporaryFolder("clients");
  const tiny = makeTinyService(dir);
  const of = (name: string) => ({ ...tiny.settings, name });
  server = await startServe(join(dir, "home"), {
    autonomy: "observe",
    keys: [
      { key: KEY, project: "test", tier: "T1" },
      { key: SENTRY_KEY, project: "test", tier: "T1", allowInUrl: true },
      { key: PUBLIC_KEY, project: "test", tier: "T0" },
    ],
    services: [of("tiny"), of("shop-api")],
  });
});
afterAll(async () => {
  await server.stop();
});

const dsn = (key: string) => server.url.replace("://", `://${key}@`).concat("/1");

/** Awaits the ticket of a crash that only this client reported. */
const opened = (words: string) => server.ticketWhere(({ title }) => title.includes(words));

describe("what people have already opens a ticket", () => {
  test("curl", async () => {
    const event = {
      service: "tiny",
      exception: {
        type: "TypeError",
        value: "from curl",
        stack: "TypeError: from curl\n    at curled (/srv/a.js:1:1)",
      },
    };
    const sent = [
      "-sS",
      "-f",
      `${server.url}/v1/events`,
      "-H",
      `authorization: Bearer ${KEY}`,
      "-d",
      JSON.stringify(event),
    ];
    expect((await execa("curl", sent)).stdout).toContain('"accepted":1');
    expect(await opened("from curl")).toMatchObject({ trustTier: "T1", service: "tiny", state: "open" });
  });

  test("an app with the real @sentry/node, by its DSN alone", async () => {
    const file = join(temporaryFolder("clients"), "app.mjs");
    const sdk = pathToFileURL(join(ROOT, "node_modules/@sentry/node/build/esm/index.js")).href;
    writeFileSync(
      file,
      `import * as Sentry from "${sdk}";
Sentry.init({ dsn: "${dsn(SENTRY_KEY)}", release: "abc1234", initialScope: { tags: { service: "tiny" } } });
function total() { throw new TypeError("from sentry node"); }
total();
`,
    );
    const ran = await execa("node", [file], { reject: false });
    expect(ran.exitCode).toBe(1);
    expect(await opened("from sentry node")).toMatchObject({ trustTier: "T1" });
  });

  test("an OTLP exporter", async () => {
    const provider = new LoggerProvider({
      resource: resourceFromAttributes({ "service.name": "tiny", "telemetry.sdk.language": "nodejs" }),
      processors: [
        new SimpleLogRecordProcessor({
          exporter: new OTLPLogExporter({ url: `${server.url}/v1/logs`, headers: { "x-selfheal-key": KEY } }),
        }),
      ],
    });
    const stack = "TypeError: from otlp\n    at exported (/srv/shop/src/otlp.js:12:23)";
    const attributes = {
      "exception.type": "TypeError",
      "exception.message": "from otlp",
      "exception.stacktrace": stack,
    };
    provider.getLogger("test").emit({ body: "failed", severityNumber: 17, attributes });
    await provider.forceFlush();
    await provider.shutdown();
    expect(await opened("from otlp")).toMatchObject({ service: "tiny" });
  });

  test.skipIf(!HAS_BROWSER)(
    "a page with the real @sentry/browser, and one with our client (needs Chromium)",
    async () => {
      const source = `import * as Sentry from "@sentry/browser";
import { init } from ${JSON.stringify(join(ROOT, "clients/browser/src/index.js"))};
globalThis.start = (which) => which === "sentry"
  ? Sentry.init({ dsn: ${JSON.stringify(dsn(PUBLIC_KEY))}, initialScope: { tags: { service: "tiny" } } })
  : init({ url: ${JSON.stringify(server.url)}, key: ${JSON.stringify(PUBLIC_KEY)}, service: "tiny" });
globalThis.crash = (words) => setTimeout(() => { throw new TypeError(words); }, 0);`;
      const bundle = await build({
        stdin: { contents: source, resolveDir: ROOT },
        bundle: true,
        write: false,
        format: "iife",
      });
      const script = bundle.outputFiles[0]?.text ?? "";
      const site = createServer(
        (_request, reply) => void reply.setHeader("content-type", "text/html").end("<p>shop</p>"),
      );
      await new Promise<void>((done) => site.listen(0, "127.0.0.1", done));
      const browser = await launchBrowser();
      try {
        for (const which of ["sentry", "selfheal"]) {
          const page = await browser.newPage();
          await page.goto(`http://127.0.0.1:${(site.address() as AddressInfo).port}/`);
          await page.addScriptTag({ content: script });
          await page.evaluate(`start("${which}"); crash("from a page with ${which}")`);
          expect(await opened(`from a page with ${which}`)).toMatchObject({ trustTier: "T0" });
        }
      } finally {
        await browser.close();
        site.close();
      }
    },
  );

  test.skipIf(!HAS_MIX)("a real Elixir application (needs Elixir)", async () => {
    const app = join(ROOT, "test/fixtures/elixirApp");
    const crash = "try do Shop.Cart.total(%{}) catch :exit, _ -> :ok end; :ok = Selfheal.flush(300_000)";
    const env = {
      MIX_BUILD_PATH: temporaryFolder("clients"),
      MIX_LOCKFILE: join(temporaryFolder("clients"), "mix.lock"),
      LC_ALL: "C.UTF-8",
      SELFHEAL_CLIENT: join(ROOT, "clients/elixir"),
      SELFHEAL_URL: server.url,
      SELFHEAL_KEY: KEY,
    };
    expect(readFileSync(join(app, "lib/shop/cart.ex"), "utf8")).toContain("voucher.cents");
    const ran = await execa("mix", ["run", "-e", crash], { cwd: app, env, reject: false, all: true });
    expect(ran.exitCode, ran.all).toBe(0);
    expect(await opened("key :cents not found")).toMatchObject({ service: "shop-api" });
  });
});
