import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setImmediate as turn } from "node:timers/promises";
import { describe, expect, onTestFinished, test } from "vitest";
import { WebSocketServer } from "ws";
import {
  addContext,
  type Client,
  init,
  type Options,
  requestContext,
  withContext,
} from "../../clients/node/src/index.js";
import { SERVER_KEY, startIngest } from "../helpers/ingestServer.ts";

function client(url: string, more: Partial<Options> = {}): Client {
  const options = { url, key: SERVER_KEY, service: "shop-api", captureUncaught: false, warn: () => undefined, ...more };
  const started = init(options);
  onTestFinished(() => started.close());
  return started;
}

describe("context", () => {
  test("goes along with each chain of calls by itself, over every wait", async () => {
    const server = await startIngest();
    const app = client(server.url, { tags: { region: "eu" } });
    const serve = (user: number) =>
      withContext({ userId: user, tags: { route: `/orders/${user}` } }, async () => {
        await turn();
        addContext({ tags: { step: String(user) } });
        await Promise.all([turn(), turn()]);
        withContext({ tags: { step: "inner" } }, () => user % 2 === 1 && app.captureException(new Error("inner")));
        app.captureException(new Error(`of ${user}`));
      });
    await Promise.all([1, 2, 3].map(serve));
    app.captureException(new Error("outside"));
    expect(await app.flush(300_000)).toBe(true);
    const events = await server.stored();
    const tagsOf = (value: string) => events.filter((one) => one.exception.value === value).map((one) => one.tags);
    for (const user of ["1", "2", "3"])
      expect(tagsOf(`of ${user}`)).toEqual([{ region: "eu", "user.id": user, route: `/orders/${user}`, step: user }]);
    expect(tagsOf("inner").map((tags) => tags.step)).toEqual(["inner", "inner"]);
    expect(tagsOf("outside")).toEqual([{ region: "eu" }]);
  });

  test("of a request is read when something is captured, and is not of the next one", async () => {
    const server = await startIngest();
    const app = client(server.url);
    const middleware = requestContext();
    const http = createServer((request, response) =>
      middleware(request, response, async () => {
        await turn();
        Object.assign(request, { body: { sku: request.url } });
        await turn();
        app.captureException(new Error(String(request.url)));
        response.end();
      }),
    );
    onTestFinished(() => void http.close());
    await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
    const at = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
    await Promise.all(["/a", "/b"].map((path) => fetch(at + path, { headers: { cookie: "sid=1", "x-trace": path } })));
    expect(await app.flush(300_000)).toBe(true);
    for (const { exception, request } of await server.stored()) {
      expect(request).toMatchObject({ url: exception.value, body: JSON.stringify({ sku: exception.value }) });
      expect(request?.headers["x-trace"]).toBe(exception.value);
      expect(request?.headers.cookie).toBeUndefined();
    }
  });
});

/** A server of the stream's protocol whose credit is told by the test; acks nothing by itself. */
async function creditServer() {
  const got: { seq: number; event?: { exception: { value: string } }; lost?: Record<string, number> }[] = [];
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  onTestFinished(() => server.close());
  await new Promise<void>((resolve) => server.once("listening", resolve));
  const asked = new Promise<{ path: string; say: (message: object) => void }>((resolve) => {
    server.on("connection", (socket, request) => {
      socket.on("message", (data) => got.push(JSON.parse(String(data))));
      resolve({ path: request.url ?? "", say: (message) => socket.send(JSON.stringify(message)) });
    });
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, got, asked };
}

describe("credit", () => {
  test("says how many may be under way; at 0 nothing is sent until it grows", async () => {
    const { url, got, asked } = await creditServer();
    const app = client(url);
    const { path, say } = await asked;
    expect(path).toContain("credits=1");
    for (let i = 0; i < 10; i++) app.captureException(new Error(String(i)));
    const settled = async (count: number) => {
      await expect.poll(() => got.length).toBe(count);
      // What would be sent too many would be there by now.
      await turn();
      expect(got).toHaveLength(count);
    };
    await settled(1);
    say({ credit: 3 });
    await settled(3);
    say({ ack: 2, credit: 0 });
    await expect.poll(() => app.stats().acked).toBe(2);
    await settled(3);
    say({ ack: 3 });
    await expect.poll(() => app.stats().acked).toBe(3);
    await settled(3);
    say({ credit: 1000 });
    await settled(10);
    say({ ack: 10 });
    expect(await app.flush(300_000)).toBe(true);
    expect(got.map((one) => one.event?.exception.value)).toEqual([..."0123456789"]);
  });

  test("of a real server whose backlog is full holds events back, and all arrive once there is room", async () => {
    let rows = 1_000_000;
    const server = await startIngest({ waiting: async () => ({ rows, bytes: 0 }) });
    const app = client(server.url);
    for (let i = 0; i < 20; i++) app.captureException(new Error(String(i)));
    expect(await app.flush(300)).toBe(false);
    expect(app.stats()).toMatchObject({ pending: 20, connected: true });
    rows = 0;
    expect(await app.flush(300_000)).toBe(true);
    expect(await server.stored()).toHaveLength(20);
  });
});

describe("losses", () => {
  test("are reported once there is a connection: thrown = received + lost", async () => {
    const gone = await startIngest();
    await gone.stop();
    const app = client(gone.url, { maxBuffer: 5 });
    for (let i = 0; i < 30; i++) app.captureException(new Error(String(i)));
    expect(app.stats()).toMatchObject({ pending: 5, dropped: 25 });
    const server = await startIngest({ port: gone.port, stores: gone.stores });
    expect(await app.flush(300_000)).toBe(true);
    expect(await server.balance()).toMatchObject({ thrown: 30, received: 5, reportedLost: 25 });
    for (let i = 0; i < 3; i++) app.captureException(new Error("more"));
    expect(await app.flush(300_000)).toBe(true);
    expect(await server.balance()).toMatchObject({ thrown: 33, received: 8 });
  });

  test("by size are counted once, by the server", async () => {
    const server = await startIngest({ limits: { maxBodyBytes: 20_000 } });
    const app = client(server.url);
    app.captureException(new Error("small one"));
    app.captureException(new Error("large"), { extra: { dump: "x".repeat(30_000) } });
    app.captureException(new Error("small two"));
    expect(await app.flush(300_000)).toBe(true);
    expect(app.stats()).toMatchObject({ acked: 2, dropped: 1 });
    expect(await server.balance()).toMatchObject({ thrown: 3, received: 2 });
  });
});
