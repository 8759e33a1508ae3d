import { createHash, createHmac } from "node:crypto";
import { connect } from "node:net";
import { describe, expect, test } from "vitest";
import { pressureOf } from "../../../src/ingest/admission/pressure.ts";
import { BROWSER_KEY, SERVER_KEY, startIngest } from "../../helpers/ingestServer.ts";
import { openStream } from "../../helpers/streamClient.ts";
import { wireEvent } from "../../helpers/wireEvent.ts";

const LIMITS = { maxSpool: 100, maxSpoolBytes: 1000, minFreeDiskBytes: 400 };

describe("the ladder", () => {
  test.each([
    [0, 0, 10_000, "none"],
    [49, 499, 800, "none"],
    [50, 0, 10_000, "soft"],
    [0, 500, 10_000, "soft"],
    [0, 0, 799, "soft"],
    [99, 999, 10_000, "soft"],
    [100, 0, 10_000, "hard"],
    [0, 1000, 10_000, "hard"],
    [0, 0, 399, "floor"],
    [99, 0, 399, "floor"],
    [100, 0, 399, "hard"],
    [0, 0, 100, "floor"],
    [0, 0, 99, "hard"],
    [0, 0, 0, "hard"],
  ] as const)("%i rows, %i bytes, %i bytes free: %s", (rows, bytes, freeDisk, expected) => {
    expect(pressureOf({ rows, bytes, freeDisk }, LIMITS)).toBe(expected);
  });

  test("a floor of 0 switches the disk's part off", () => {
    expect(pressureOf({ rows: 0, bytes: 0, freeDisk: 0 }, { ...LIMITS, minFreeDiskBytes: 0 })).toBe("none");
  });
});

const post = (url: string, body: string, headers: Record<string, string>) =>
  fetch(url, { method: "POST", body, headers });

test("at the disk's floor known families are only counted, and new ones are stored", async () => {
  const known = "a".repeat(32);
  const server = await startIngest({
    limits: { minFreeDiskBytes: 1000 },
    freeDisk: () => 500,
    countKnown: (event) => Promise.resolve(event.id === known ? "counted" : "no"),
  });
  const body = JSON.stringify([wireEvent({ event_id: known }), wireEvent()]);
  expect((await post(`${server.url}/v1/events`, body, { "x-selfheal-key": SERVER_KEY })).status).toBe(202);
  expect(await server.stored()).toHaveLength(1);
  expect(await server.balance()).toMatchObject({ thrown: 2, received: 1, counted: 1 });
});

test("a client that asks for credit is told it, gets none of a full backlog, and loses nothing", async () => {
  let rows = 0;
  const server = await startIngest({ limits: { maxSpool: 100 }, waiting: () => Promise.resolve({ rows, bytes: 0 }) });
  const client = await openStream(`${server.url}`, SERVER_KEY, { authorization: `Bearer ${SERVER_KEY}` }, "?credits=1");
  client.send({ seq: 1, event: wireEvent() });
  await client.acked(1);
  expect(client.received.map(({ credit }) => credit)).toEqual([1000, 1000]);
  rows = 60;
  client.send({ seq: 2, event: wireEvent() });
  await client.acked(2);
  expect(client.received.at(-1)).toEqual({ ack: 2, credit: 50 });
  rows = 100;
  client.send({ seq: 3, event: wireEvent(), lost: { bufferFull: 4 } });
  await client.told((message) => message.credit === 0);
  rows = 0;
  await client.acked(3);
  expect(await server.balance()).toMatchObject({ thrown: 7, received: 3, reportedLost: 4, lost: 0 });
});

describe("keys that sign", () => {
  const KEY = "signing-key-0001";
  const keys = [{ key: KEY, project: "shop", tier: "T2" as const }];
  const signed = (body: string, { at = Date.now(), delivery = "delivery-1", key = KEY, over = body } = {}) => {
    const t = Math.floor(at / 1000);
    return {
      "x-selfheal-key-id": createHash("sha256").update(KEY).digest("hex").slice(0, 16),
      "x-selfheal-delivery": delivery,
      "x-selfheal-signature": `t=${t},v1=${createHmac("sha256", key).update(`${t}.${delivery}.${over}`).digest("hex")}`,
    };
  };

  test("a good signature is T2, and its delivery is taken once", async () => {
    const server = await startIngest({ keys });
    const body = JSON.stringify(wireEvent());
    expect((await post(`${server.url}/v1/events`, body, signed(body))).status).toBe(202);
    expect(await server.stored()).toMatchObject([{ trustTier: "T2" }]);
    expect((await post(`${server.url}/v1/events`, body, signed(body))).status).toBe(409);
    expect((await post(`${server.url}/v1/events`, body, signed(body, { delivery: "delivery-2" }))).status).toBe(202);
    expect(await server.stored()).toHaveLength(2);
  });

  test.each([
    ["too old", { at: Date.now() - 400_000 }],
    ["of the future", { at: Date.now() + 400_000 }],
    ["with another key", { key: "another-key-0001" }],
    ["over another body", { over: "{}" }],
    ["without a usable delivery id", { delivery: "x" }],
  ])("a signature %s is refused", async (_what, options) => {
    const server = await startIngest({ keys });
    const body = JSON.stringify(wireEvent());
    expect((await post(`${server.url}/v1/events`, body, signed(body, options))).status).toBe(401);
    expect(await server.stored()).toEqual([]);
  });

  test("whoever forges signatures spends nothing of the key's budget", async () => {
    const server = await startIngest({ keys, limits: { eventsPerMinutePerKey: 1 } });
    const body = JSON.stringify(wireEvent());
    for (let i = 0; i < 3; i++) {
      const forged = signed(body, { key: "another-key-0001", delivery: `forged-${i}-0` });
      expect((await post(`${server.url}/v1/events`, body, forged)).status).toBe(401);
    }
    expect((await post(`${server.url}/v1/events`, body, signed(body))).status).toBe(202);
    const second = signed(body, { delivery: "delivery-2" });
    expect((await post(`${server.url}/v1/events`, body, second)).status).toBe(429);
  });

  test("shown in the clear it is no key, anywhere", async () => {
    const server = await startIngest({ keys });
    const body = JSON.stringify(wireEvent());
    for (const path of ["/v1/events", "/v1/logs", `/api/1/store/?sentry_key=${KEY}`]) {
      expect((await post(`${server.url}${path}`, body, { "x-selfheal-key": KEY })).status).toBe(401);
    }
    await expect(openStream(server.url, KEY)).rejects.toThrow("401");
  });
});

describe("crowds", () => {
  test("an address has a budget of requests, which wrong keys spend ten times as fast", async () => {
    const server = await startIngest({ limits: { requestsPerMinutePerAddress: 25, trustedProxies: ["127.0.0.1"] } });
    const ask = (key: string, from: string) =>
      post(`${server.url}/v1/events`, JSON.stringify(wireEvent()), { "x-selfheal-key": key, "x-forwarded-for": from });
    for (const status of [401, 401, 202, 202]) {
      expect((await ask(status === 401 ? "wrong" : SERVER_KEY, "203.0.113.7")).status).toBe(status);
    }
    for (let i = 0; i < 3; i++) expect((await ask(BROWSER_KEY, "203.0.113.7")).status).toBe(202);
    expect((await ask(SERVER_KEY, "203.0.113.7")).status).toBe(429);
    expect((await ask(SERVER_KEY, "203.0.113.8")).status).toBe(202);
    // One client has a whole /64.
    for (let i = 0; i < 2; i++) await ask("wrong", `2001:db8::${i}`);
    for (let i = 0; i < 5; i++) await ask(SERVER_KEY, `2001:db8::1:${i}`);
    expect((await ask(SERVER_KEY, "2001:db8:0:0::99")).status).toBe(429);
    expect((await ask(SERVER_KEY, "2001:db8:0:1::99")).status).toBe(202);
  });

  test("an address has a number of connections", async () => {
    const server = await startIngest({ limits: { maxConnectionsPerAddress: 2 } });
    const dial = () => {
      const socket = connect(server.port, "127.0.0.1");
      socket.on("error", () => undefined);
      const closed = new Promise((resolve) => socket.once("close", resolve));
      return { socket, closed };
    };
    const held = [dial(), dial()];
    await Promise.all(held.map(({ socket }) => new Promise((resolve) => socket.once("connect", resolve))));
    await dial().closed;
    for (const { socket } of held) socket.destroy();
  });

  test("all requests together hold so many bytes and no more", async () => {
    const server = await startIngest({ limits: { maxBytesInFlight: 2000 } });
    const big = JSON.stringify(wireEvent({ extra: { x: "y".repeat(3000) } }));
    expect((await post(`${server.url}/v1/events`, big, { "x-selfheal-key": SERVER_KEY })).status).toBe(429);
    const small = JSON.stringify(wireEvent());
    expect((await post(`${server.url}/v1/events`, small, { "x-selfheal-key": SERVER_KEY })).status).toBe(202);
  });
});
