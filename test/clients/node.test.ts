import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, onTestFinished, test } from "vitest";
import { type Client, init, type Options, requestInfo } from "../../clients/node/src/index.js";
import { loadFactor } from "../../src/cli/demo/loadFactor.ts";
import { type IngestServer, SERVER_KEY, startIngest } from "../helpers/ingestServer.ts";
import { eventually } from "../helpers/patience.ts";
import { tempFolder } from "../helpers/tempFolder.ts";

function client(url: string, more: Partial<Options> = {}): Client {
  const started = init({
    url,
    key: SERVER_KEY,
    service: "shop-api",
    captureUncaught: false,
    warn: () => undefined,
    ...more,
  });
  onTestFinished(() => started.close());
  return started;
}

/** Runs a program with the client started in it; resolves when it ended by itself. */
function run(server: Pick<IngestServer, "url">, program: string, args: string[] = []) {
  const file = join(tempFolder(), "app.mjs");
  const library = pathToFileURL(join(import.meta.dirname, "../../clients/node/src/index.js")).href;
  const options = JSON.stringify({ url: server.url, key: SERVER_KEY, service: "shop-api", release: "abc1234" });
  writeFileSync(file, `import * as selfheal from "${library}";\nselfheal.init(${options});\n${program}\n`);
  return new Promise<{ code: number | null; stderr: string; file: string; ms: number }>((resolve) => {
    const start = performance.now();
    const child = execFile(process.execPath, [...args, file], (_error, _stdout, stderr) =>
      resolve({ code: child.exitCode, stderr, file, ms: performance.now() - start }),
    );
  });
}

describe("@selfheal/node", () => {
  test("sends an exception with its chain of causes, and knows when it is durable", async () => {
    const server = await startIngest();
    const app = client(server.url, { release: "abc1234", environment: "test", tags: { region: "eu" } });
    class CheckoutError extends Error {}
    const error = new CheckoutError("checkout failed", { cause: new TypeError("no city", { cause: "plain text" }) });
    const id = app.captureException(error, { extra: { cart: { items: 2 } }, level: "warning" });
    expect(await app.flush(300_000)).toBe(true);
    const [event] = await server.stored();
    expect(event).toMatchObject({
      id,
      service: "shop-api",
      platform: "node",
      release: "abc1234",
      environment: "test",
      level: "warning",
      handled: true,
      exception: { type: "CheckoutError", value: "checkout failed" },
      causes: [
        { type: "TypeError", value: "no city" },
        { type: "NonError", value: "plain text" },
      ],
      tags: { region: "eu" },
      extra: { cart: '{"items":2}' },
    });
    expect(event?.exception.frames[0]).toMatchObject({ file: import.meta.filename, inApp: true });
    expect(app.stats()).toMatchObject({ pending: 0, acked: 1, dropped: 0, rejected: 0 });
  });

  test("keeps what was not acked over a restart of the server, and nothing arrives twice", async () => {
    const first = await startIngest();
    const app = client(first.url);
    app.captureException(new Error("one"));
    expect(await app.flush(300_000)).toBe(true);
    await first.stop();
    app.captureException(new Error("two"));
    app.captureException(new Error("three"));
    expect(await app.flush(50)).toBe(false);
    expect(app.stats()).toMatchObject({ pending: 2, connected: false });
    await startIngest({ port: first.port, stores: first.stores });
    expect(await app.flush(300_000)).toBe(true);
    expect((await first.stored()).map((event) => event.exception.value)).toEqual(["one", "two", "three"]);
  });

  test("sends again what was stored but not acked, and it counts once", async () => {
    let isFirst = true;
    const server = await startIngest({ onAccepted: () => undefined });
    const { append } = server.stores.spool;
    server.stores.spool.append = async (events) => {
      const result = await append(events);
      // Stored, and then the store fails before the ack: the connection ends.
      if (isFirst) {
        isFirst = false;
        throw new Error("lost");
      }
      return result;
    };
    const app = client(server.url);
    app.captureException(new Error("once"));
    expect(await app.flush(300_000)).toBe(true);
    expect(await server.stored()).toHaveLength(1);
    expect(isFirst).toBe(false);
  });

  test("drops the oldest when the buffer is full, and counts", async () => {
    const app = client("http://127.0.0.1:9", { maxBuffer: 3 });
    for (let i = 0; i < 10; i++) app.captureException(new Error(String(i)));
    expect(app.stats()).toMatchObject({ pending: 3, dropped: 7 });
  });

  test("gives up only the event that is too large", async () => {
    const server = await startIngest({ limits: { maxBodyBytes: 20_000 } });
    const warnings: string[] = [];
    const app = client(server.url, { warn: (message) => warnings.push(message) });
    app.captureException(new Error("small one"));
    app.captureException(new Error("large"), { extra: { dump: "x".repeat(30_000) } });
    app.captureException(new Error("small two"));
    expect(await app.flush(300_000)).toBe(true);
    expect((await server.stored()).map((event) => event.exception.value)).toEqual(["small one", "small two"]);
    expect(app.stats()).toMatchObject({ acked: 2, dropped: 1 });
    expect(warnings).toHaveLength(1);
  });

  test("says once that the key or the event is refused, and goes on", async () => {
    const server = await startIngest();
    const refusals: string[] = [];
    const stranger = client(server.url, { key: "wrong-key", warn: (message) => refusals.push(message) });
    await eventually(() => expect(refusals).toEqual(["the server does not know this key"]));
    expect(stranger.stats().connected).toBe(false);
    const warnings: string[] = [];
    const app = client(server.url, { service: "no such service", warn: (message) => warnings.push(message) });
    app.captureException(new Error("x"));
    expect(await app.flush(300_000)).toBe(true);
    expect(app.stats()).toMatchObject({ pending: 0, rejected: 1 });
    expect(warnings[0]).toContain("service");
  });

  test("never throws into the app", async () => {
    const server = await startIngest();
    const app = client(server.url);
    const hostile = new Error("x");
    Object.defineProperty(hostile, "stack", {
      get() {
        throw new Error("no stack for you");
      },
    });
    const circular: Record<string, unknown> = { big: 1n };
    circular.self = circular;
    const loop = new Error("loop");
    loop.cause = loop;
    for (const thrown of [
      hostile,
      null,
      undefined,
      5,
      "text",
      Symbol("s"),
      {},
      loop,
      new AggregateError([new Error("inner")], "all"),
    ]) {
      expect(app.captureException(thrown, { extra: circular })).toMatch(/^[0-9a-f]{32}$/);
    }
    expect(await app.flush(300_000)).toBe(true);
    expect((await server.stored()).at(-1)?.causes).toMatchObject([{ value: "inner" }]);
    expect(app.stats().rejected).toBe(0);
    for (const url of ["", "nonsense", "ftp://x"]) {
      const warnings: string[] = [];
      const off = client(url, { warn: (message) => warnings.push(message) });
      off.captureException(new Error("x"));
      expect(await off.flush(10)).toBe(true);
      expect(warnings).toHaveLength(1);
    }
  });
});

describe("requestInfo", () => {
  test("takes what a replay needs from a real request, without credentials", async () => {
    const seen = new Promise<unknown>((resolve) => {
      const server = createServer((request, response) => {
        resolve(requestInfo(Object.assign(request, { body: { items: [1] } })));
        response.end();
      });
      onTestFinished(() => void server.close());
      server.listen(0, "127.0.0.1", () => {
        const { port } = server.address() as { port: number };
        const headers = { authorization: "Bearer x", cookie: "a=b", "x-api-key": "k", "x-trace": "1" };
        void fetch(`http://127.0.0.1:${port}/cart?id=5`, { method: "POST", headers, body: "{}" });
      });
    });
    const info = await seen;
    expect(info).toMatchObject({
      method: "POST",
      url: "/cart?id=5",
      headers: { "x-trace": "1" },
      body: '{"items":[1]}',
    });
    expect(JSON.stringify(info)).not.toMatch(/Bearer|a=b|x-api-key/);
  });

  test.each([[null], [undefined], [5], [{}]])("%j harms nobody", (request) => {
    expect(requestInfo(request as never)).toMatchObject({ method: "GET", headers: {} });
  });
});

describe("a process", () => {
  test("that throws prints what Node prints, sends, and exits 1", async () => {
    const server = await startIngest();
    const { code, stderr, file } = await run(
      server,
      "function boom(user) {\n  return user.address.city;\n}\nsetTimeout(() => boom({}), 10);",
    );
    expect(code).toBe(1);
    expect(stderr).toContain(`${file}:4`);
    expect(stderr).toMatch(/ {2}return user\.address\.city;\n +\^\n\nTypeError: Cannot read properties of undefined/);
    expect(stderr).toContain(`Node.js ${process.version}`);
    expect(await server.stored()).toMatchObject([
      {
        level: "fatal",
        handled: false,
        release: "abc1234",
        exception: { type: "TypeError", frames: [{ function: "boom", line: 4 }, {}, {}, {}] },
      },
    ]);
  });

  test("that rejects without a handler does too", async () => {
    const server = await startIngest();
    const { code, stderr } = await run(
      server,
      'Promise.reject(new RangeError("late"));\nsetInterval(() => undefined, 1000);',
    );
    expect(code).toBe(1);
    expect(stderr).toContain("RangeError: late");
    expect(await server.stored()).toMatchObject([{ handled: false, exception: { type: "RangeError" } }]);
  });

  test("tells of what nothing caught in whose context it happened", async () => {
    const server = await startIngest();
    const keep = 'process.on("uncaughtException", () => undefined); process.on("unhandledRejection", () => undefined);';
    const { code } = await run(
      server,
      `${keep}
      const fail = (kind) => { throw new Error(kind); };
      selfheal.withContext({ userId: 1, tags: { job: "timer" } }, () => setTimeout(() => fail("timer"), 20));
      selfheal.withContext({ userId: 2, tags: { job: "promise" } }, async () => { await null; fail("promise"); });
      selfheal.withContext({ userId: 3, tags: { job: "other" } }, () => setTimeout(() => undefined, 20));`,
    );
    expect(code).toBe(0);
    const events = await server.stored();
    const told = events.map(({ exception, tags }) => [exception.value, tags.job, tags["user.id"]]);
    expect(told.toSorted()).toEqual([
      ["promise", "promise", "2"],
      ["timer", "timer", "1"],
    ]);
  });

  test("with handlers of its own decides for itself", async () => {
    const server = await startIngest();
    const { code } = await run(
      server,
      'process.on("uncaughtException", () => setTimeout(() => process.exit(7), 300));\nsetTimeout(() => { throw new Error("x"); });',
    );
    expect(code).toBe(7);
    expect(await server.stored()).toHaveLength(1);
  });

  test("that was told to survive rejections does", async () => {
    const server = await startIngest();
    const { code } = await run(server, 'Promise.reject(new Error("x"));', ["--unhandled-rejections=warn"]);
    expect(code).toBe(0);
    expect(await server.stored()).toHaveLength(1);
  });

  test("ends by itself, and what it captured last is sent", async () => {
    const server = await startIngest();
    const { code } = await run(server, 'selfheal.captureException(new Error("last words"));');
    expect(code).toBe(0);
    expect(await server.stored()).toHaveLength(1);
  });

  test("ends by itself while the server is down, soon", async () => {
    const { code, ms } = await run({ url: "http://127.0.0.1:9" }, 'selfheal.captureException(new Error("x"));');
    expect(code).toBe(0);
    expect(ms).toBeLessThan(10_000 * loadFactor());
  });
});
