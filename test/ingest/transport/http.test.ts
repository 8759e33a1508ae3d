import { connect } from "node:net";
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { BROWSER_KEY, type IngestServer, SERVER_KEY, startIngest } from "../../helpers/ingestServer.ts";
import { wireEvent } from "../../helpers/wireEvent.ts";

interface Answer {
  status: number;
  headers: Headers;
  body: {
    accepted?: number;
    ids?: (string | null)[];
    rejected?: { index: number; faults: { path: string; message: string }[] }[];
    error?: { code: string; message: string; faults: { path: string; message: string }[] };
  };
}

async function post(
  server: IngestServer,
  body: unknown,
  headers: Record<string, string> = { authorization: `Bearer ${SERVER_KEY}` },
  path = "/v1/events",
): Promise<Answer> {
  const raw = typeof body === "string" || body instanceof Uint8Array ? body : JSON.stringify(body);
  const response = await fetch(`${server.url}${path}`, { method: "POST", body: raw as string, headers });
  return { status: response.status, headers: response.headers, body: (await response.json()) as Answer["body"] };
}

describe("POST /v1/events", () => {
  test("takes one event, and it is durable when the answer comes", async () => {
    const server = await startIngest();
    const answer = await post(server, wireEvent({ event_id: "0123456789ABCDEF0123456789abcdef" }));
    expect(answer).toMatchObject({ status: 202, body: { accepted: 1, ids: ["0123456789abcdef0123456789abcdef"] } });
    const [event] = await server.stored();
    expect(event).toMatchObject({ project: "shop", service: "shop-api", trustTier: "T1" });
    expect(event?.exception.frames[0]).toMatchObject({ file: "/srv/shop/src/cart.js", function: "city", line: 12 });
  });

  test("takes an array, and a repeated event once", async () => {
    const server = await startIngest();
    const events = [wireEvent({ event_id: "a".repeat(32) }), wireEvent({ event_id: "b".repeat(32) })];
    expect((await post(server, events)).body).toEqual({ accepted: 2, ids: ["a".repeat(32), "b".repeat(32)] });
    expect((await post(server, events)).status).toBe(202);
    expect(await server.stored()).toHaveLength(2);
  });

  test("keeps the good ones of an array and names the fields of the bad ones", async () => {
    const server = await startIngest();
    const answer = await post(server, [
      wireEvent(),
      { service: "shop-api", exception: { value: 5 }, timestamp: "yesterday" },
      wireEvent(),
      7,
    ]);
    expect(answer.status).toBe(202);
    expect(answer.body.accepted).toBe(2);
    expect(answer.body.ids?.map((id) => id !== null)).toEqual([true, false, true, false]);
    const rejected = answer.body.rejected ?? [];
    expect(rejected.map((one) => one.index)).toEqual([1, 3]);
    expect(rejected[0]?.faults.map((fault) => fault.path).sort()).toEqual([
      "exception.type",
      "exception.value",
      "timestamp",
    ]);
    expect(await server.stored()).toHaveLength(2);
  });

  test("refuses an array of which nothing is good, each fault with its index", async () => {
    const server = await startIngest();
    const answer = await post(server, [{ exception: {} }, wireEvent({ timestamp: {} })]);
    expect(answer.status).toBe(400);
    expect(answer.body.error?.faults.map((fault) => fault.path)).toEqual(["[0].exception.type", "[1].timestamp"]);
    expect(answer.body.error?.message).toContain("[0].exception.type");
  });

  test.each([
    ["nothing", "", 400, ""],
    ["text that is no JSON", "{nope", 400, ""],
    ["a number", "5", 400, ""],
    ["null", "null", 400, ""],
    ["an empty array", "[]", 400, ""],
    ["no exception", "{}", 400, "exception"],
    ["an empty type", JSON.stringify(wireEvent({ exception: { type: " " } })), 400, "exception.type"],
    [
      "frames that are no list",
      JSON.stringify(wireEvent({ exception: { type: "E", frames: 1 } })),
      400,
      "exception.frames",
    ],
    [
      "a negative line",
      JSON.stringify(wireEvent({ exception: { type: "E", frames: [{ line: -1 }] } })),
      400,
      "exception.frames[0].line",
    ],
    ["a bad id", JSON.stringify(wireEvent({ event_id: "12" })), 400, "event_id"],
    ["an unknown level", JSON.stringify(wireEvent({ level: "loud" })), 400, "level"],
    ["a service that cannot exist", JSON.stringify(wireEvent({ service: "a b" })), 400, "service"],
    [
      "a cause without a type",
      JSON.stringify(wireEvent({ exception: { type: "E", cause: {} } })),
      400,
      "exception.cause.type",
    ],
    ["a Sentry event without exceptions", JSON.stringify({ exception: { values: [] } }), 400, "exception.values"],
    ["too many events", JSON.stringify(Array.from({ length: 101 }, () => wireEvent())), 400, ""],
  ])("%s: %#", async (_what, body, status, path) => {
    const server = await startIngest();
    const answer = await post(server, body);
    expect(answer.status).toBe(status);
    expect(answer.body.error?.faults.map((fault) => fault.path)).toContain(path);
    expect(await server.stored()).toHaveLength(0);
  });

  test("needs a key: bearer, header or query", async () => {
    const server = await startIngest();
    for (const headers of [{}, { authorization: "Bearer wrong-key" }, { authorization: `Basic ${SERVER_KEY}` }]) {
      const answer = await post(server, wireEvent(), headers);
      expect(answer).toMatchObject({ status: 401, body: { error: { code: "unauthorized" } } });
    }
    expect((await post(server, wireEvent(), { "x-selfheal-key": SERVER_KEY })).status).toBe(202);
    expect((await post(server, wireEvent(), {}, `/v1/events?key=${SERVER_KEY}`)).status).toBe(202);
    expect(server.acceptor.stats()).toMatchObject({ accepted: 2, dropped: { unauthorized: 3 } });
  });

  test("a secret key in a URL is refused, with what to do, unless the key allows it", async () => {
    const secret = "secret-key-0001";
    const key = { key: secret, project: "shop", tier: "T1" as const };
    const server = await startIngest({ keys: [key, { ...key, key: "older-key-00001", allowInUrl: true }] });
    for (const path of [
      "/v1/events?key=",
      "/v1/logs?sentry_key=",
      "/api/1/envelope/?sentry_key=",
      "/api/1/store/?sentry_key=",
    ]) {
      const refused = await fetch(`${server.url}${path}${secret}`, { method: "POST", body: "{}" });
      expect([path, refused.status]).toEqual([path, 401]);
      expect(await refused.text()).toMatch(/must not stand in a URL: send it as Authorization: Bearer.*allowInUrl/);
    }
    expect((await fetch(`${server.url}/v1/stream?key=${secret}`)).status).toBe(401);
    expect((await post(server, wireEvent(), { "x-selfheal-key": secret })).status).toBe(202);
    expect((await post(server, wireEvent(), {}, "/v1/events?key=older-key-00001")).status).toBe(202);
  });

  test("the tier is the key's, whatever the payload says", async () => {
    const server = await startIngest();
    await post(server, wireEvent({ trustTier: "T3", trust_tier: "T3", tier: "T3" }), { "x-selfheal-key": BROWSER_KEY });
    expect(await server.stored()).toMatchObject([{ trustTier: "T0" }]);
  });

  test("a key cannot name a service of another project", async () => {
    const services = [
      { name: "shop-api", project: "shop" },
      { name: "bank", project: "bank" },
    ];
    const server = await startIngest({ services });
    const answer = await post(server, wireEvent({ service: "bank" }));
    expect(answer).toMatchObject({ status: 400, body: { error: { faults: [{ path: "service" }] } } });
  });

  test("the service may be left out where the project has one, and only there", async () => {
    const one = await startIngest();
    expect((await post(one, wireEvent({ service: undefined }))).status).toBe(202);
    expect(await one.stored()).toMatchObject([{ service: "shop-api" }]);
    const none = await startIngest({ services: [] });
    expect(await post(none, wireEvent({ service: undefined }))).toMatchObject({
      status: 400,
      body: { error: { faults: [{ path: "service" }] } },
    });
  });

  test.each([
    ["gzip", gzipSync],
    ["deflate", deflateSync],
    ["br", brotliCompressSync],
  ])("reads %s, but not a bomb", async (encoding, compress) => {
    const server = await startIngest();
    const headers = { "x-selfheal-key": SERVER_KEY, "content-encoding": encoding };
    expect((await post(server, compress(JSON.stringify(wireEvent())), headers)).status).toBe(202);
    const bomb = compress(Buffer.alloc(50_000_000, " "));
    expect(await post(server, bomb, headers)).toMatchObject({ status: 413, body: { error: { code: "tooLarge" } } });
    expect((await post(server, "not compressed", headers)).status).toBe(400);
  });

  test("refuses an encoding it does not know, and bytes that are not UTF-8", async () => {
    const server = await startIngest();
    const key = { "x-selfheal-key": SERVER_KEY };
    expect((await post(server, "x", { ...key, "content-encoding": "zstd" })).status).toBe(415);
    expect((await post(server, new Uint8Array([0x22, 0xff, 0x22]), key)).status).toBe(400);
  });

  test("refuses a body that is too large, announced or streamed", async () => {
    const server = await startIngest();
    const large = JSON.stringify(wireEvent({ extra: { dump: "x".repeat(300_000) } }));
    expect((await post(server, large)).status).toBe(413);
    const streamed = await fetch(`${server.url}/v1/events`, {
      method: "POST",
      headers: { "x-selfheal-key": SERVER_KEY },
      body: new Blob([large]).stream(),
      duplex: "half",
    } as RequestInit);
    expect(streamed.status).toBe(413);
    expect(server.acceptor.stats().dropped.tooLarge).toBe(2);
  });

  test("refuses nesting that would break whatever recurses, and keeps no prototype", async () => {
    const server = await startIngest();
    const deep = `{"exception":{"type":"E"},"extra":{"x":${"[".repeat(50_000)}${"]".repeat(50_000)}}}`;
    expect(await post(server, deep)).toMatchObject({ status: 400, body: { error: { code: "tooDeep" } } });
    const polluting = `{"service":"shop-api","exception":{"type":"E"},"__proto__":{"trustTier":"T3"},"extra":{"__proto__":{"a":1},"b":2}}`;
    expect((await post(server, polluting)).status).toBe(202);
    expect(await server.stored()).toMatchObject([{ trustTier: "T1", extra: { b: "2" } }]);
  });

  test("long texts are cut, never refused", async () => {
    const server = await startIngest();
    const frames = Array.from({ length: 500 }, (_, i) => ({ file: `/srv/${"d".repeat(2000)}.js`, function: `f${i}` }));
    const exception = { type: "E".repeat(400), value: "word ".repeat(10_000), frames };
    expect((await post(server, wireEvent({ exception: { ...exception, frames: frames.slice(0, 50) } }))).status).toBe(
      202,
    );
    const [event] = await server.stored();
    expect(event?.exception.type).toHaveLength(256);
    expect(event?.exception.value).toHaveLength(8192);
    expect(event?.exception.frames[0]?.file).toHaveLength(1024);
  });

  test("a key has a budget a minute; what is refused for it says when to come again", async () => {
    const server = await startIngest({ limits: { eventsPerMinutePerKey: 5 } });
    expect((await post(server, [wireEvent(), wireEvent(), wireEvent()])).status).toBe(202);
    const refused = await post(server, [wireEvent(), wireEvent(), wireEvent()]);
    expect(refused).toMatchObject({ status: 429, body: { error: { code: "rateLimited" } } });
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    expect((await post(server, wireEvent())).status).toBe(202);
    expect((await post(server, wireEvent(), { "x-selfheal-key": BROWSER_KEY })).status).toBe(202);
    expect(server.acceptor.stats().dropped.rateLimited).toBe(3);
  });

  test("a full spool takes nothing more, and says so", async () => {
    const server = await startIngest({ limits: { maxSpool: 2 } });
    expect((await post(server, [wireEvent(), wireEvent()])).status).toBe(202);
    const refused = await post(server, wireEvent());
    expect(refused).toMatchObject({ status: 429, body: { error: { code: "queueFull" } } });
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(server.acceptor.stats().dropped.queueFull).toBe(1);
  });

  test("a store that fails takes nothing, and the client keeps it", async () => {
    const spool = {
      append: () => Promise.reject(new Error("disk full")),
      waiting: () => Promise.resolve({ rows: 0, bytes: 0 }),
    };
    const server = await startIngest({ spool });
    expect(await post(server, wireEvent())).toMatchObject({ status: 503, body: { error: { code: "unavailable" } } });
    expect(server.acceptor.stats().accepted).toBe(0);
    expect(server.errors).toHaveLength(1);
  });

  test("a client that hangs up in the middle harms nobody", async () => {
    const server = await startIngest();
    await new Promise<void>((resolve) => {
      const socket = connect(server.port, "127.0.0.1", () => {
        socket.write(
          `POST /v1/events HTTP/1.1\r\nHost: x\r\nx-selfheal-key: ${SERVER_KEY}\r\nContent-Length: 900\r\n\r\n{"ser`,
        );
        socket.destroy();
        resolve();
      });
    });
    expect((await post(server, wireEvent())).status).toBe(202);
    expect(await server.stored()).toHaveLength(1);
  });

  test("many at once are all durable", async () => {
    const server = await startIngest();
    const answers = await Promise.all(Array.from({ length: 60 }, () => post(server, wireEvent())));
    expect(answers.every((answer) => answer.status === 202)).toBe(true);
    expect(await server.stored()).toHaveLength(60);
  });
});

test("health needs no key", async () => {
  const server = await startIngest();
  const response = await fetch(`${server.url}/healthz`);
  expect(response.status).toBe(200);
  expect(await response.json()).toEqual({ status: "ok" });
});
