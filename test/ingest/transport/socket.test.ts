import { describe, expect, test, vi } from "vitest";
import type { AppendResult } from "../../../src/domain/ports/eventSpool.ts";
import { BROWSER_KEY, SERVER_KEY, startIngest } from "../../helpers/ingestServer.ts";
import { eventually } from "../../helpers/patience.ts";
import { openStream } from "../../helpers/streamClient.ts";
import { wireEvent } from "../../helpers/wireEvent.ts";

const id = (n: number) => n.toString(16).padStart(32, "0");

describe("GET /v1/stream", () => {
  test("acks what is durable, cumulatively", async () => {
    const server = await startIngest();
    const client = await openStream(server.url, SERVER_KEY);
    for (let seq = 1; seq <= 300; seq++) client.send({ seq, event: wireEvent({ event_id: id(seq) }) });
    await client.acked(300);
    expect(await server.stored()).toHaveLength(300);
    const acks = client.received.map((message) => message.ack ?? 0);
    expect(acks).toEqual(acks.toSorted((a, b) => a - b));
    expect(acks.length).toBeLessThan(300);
  });

  test("never acks before the commit", async () => {
    const waiting: (() => void)[] = [];
    const spool = {
      append: () =>
        new Promise<AppendResult>((resolve) => waiting.push(() => resolve({ kind: "stored", stored: 1, repeated: 0 }))),
      waiting: () => Promise.resolve({ rows: 0, bytes: 0 }),
    };
    const server = await startIngest({ spool });
    const client = await openStream(server.url, SERVER_KEY);
    client.send({ seq: 1, event: wireEvent() });
    await eventually(() => expect(waiting).toHaveLength(1));
    expect(client.received).toEqual([]);
    for (const commit of waiting) commit();
    await client.acked(1);
  });

  test("a bad message is named, counts as processed, and costs nothing else", async () => {
    const server = await startIngest();
    const client = await openStream(server.url, SERVER_KEY);
    client.send({ seq: 1, event: wireEvent() });
    client.send({ seq: 2, event: { service: "shop-api", exception: { type: 5 } } });
    client.send({ seq: 3, events: [wireEvent(), { exception: {} }] });
    client.send("{oops");
    client.send('{"seq": 4, "event": {');
    client.send({ event: wireEvent() });
    client.send({ seq: 5 });
    client.send({ seq: 6, events: [] });
    client.send("null");
    client.send(`{"seq":7,"event":{"extra":${"[".repeat(100)}${"]".repeat(100)}}}`);
    client.send({ seq: 8, event: wireEvent() });
    await client.acked(8);
    expect(client.errors().map(({ seq, error }) => [seq, error?.code, error?.faults[0]?.path])).toEqual([
      [2, "invalid", "exception.type"],
      [3, "invalid", "[1].exception.type"],
      [null, "invalid", ""],
      [4, "invalid", ""],
      [null, "invalid", "seq"],
      [5, "invalid", "event"],
      [6, "invalid", "events"],
      [null, "invalid", ""],
      [7, "tooDeep", ""],
    ]);
    expect(await server.stored()).toHaveLength(3);
  });

  test("what is sent again after a reconnect is stored once", async () => {
    const server = await startIngest();
    const first = await openStream(server.url, SERVER_KEY);
    first.send({ seq: 1, event: wireEvent({ event_id: id(1) }) });
    await first.acked(1);
    first.socket.terminate();
    const second = await openStream(server.url, SERVER_KEY);
    second.send({ seq: 1, event: wireEvent({ event_id: id(1) }) });
    second.send({ seq: 2, event: wireEvent({ event_id: id(2) }) });
    await second.acked(2);
    expect(await server.stored()).toHaveLength(2);
  });

  test("takes binary messages of UTF-8 too", async () => {
    const server = await startIngest();
    const client = await openStream(server.url, SERVER_KEY);
    client.socket.send(Buffer.from(JSON.stringify({ seq: 1, event: wireEvent() })), { binary: true });
    await client.acked(1);
    expect(await server.stored()).toHaveLength(1);
  });

  test("needs a key, in any of three places; the tier is the key's", async () => {
    const server = await startIngest();
    await expect(openStream(server.url, "wrong-key")).rejects.toThrow("401");
    await expect(openStream(server.url, "", {})).rejects.toThrow("401");
    const client = await openStream(server.url, "", { "x-selfheal-key": BROWSER_KEY });
    client.send({ seq: 1, event: wireEvent({ trustTier: "T2" }) });
    await client.acked(1);
    expect(await server.stored()).toMatchObject([{ trustTier: "T0" }]);
    const plain = await fetch(`${server.url}/v1/stream?key=${SERVER_KEY}`);
    expect(plain.status).toBe(426);
  });

  test("a message that is too large ends the connection with 1009", async () => {
    const server = await startIngest();
    const client = await openStream(server.url, SERVER_KEY);
    client.send({ seq: 1, event: wireEvent() });
    await client.acked(1);
    client.send({ seq: 2, event: wireEvent({ extra: { dump: "x".repeat(300_000) } }) });
    expect(await client.closed).toBe(1009);
    expect(await server.stored()).toHaveLength(1);
    expect(server.acceptor.stats().dropped.tooLarge).toBe(1);
  });

  test("without room the connection ends with 1013 and nothing is acked", async () => {
    const server = await startIngest({ limits: { maxSpool: 1 } });
    const client = await openStream(server.url, SERVER_KEY);
    client.send({ seq: 1, event: wireEvent() });
    await client.acked(1);
    client.send({ seq: 2, event: wireEvent() });
    expect(await client.closed).toBe(1013);
    expect(client.received).toEqual([{ ack: 1 }]);
  });

  test("over its budget a key waits, and loses nothing", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    try {
      const server = await startIngest({ limits: { eventsPerMinutePerKey: 2 } });
      const client = await openStream(server.url, SERVER_KEY);
      client.send({ seq: 1, events: [wireEvent(), wireEvent()] });
      await client.acked(1);
      // The minute is all but over; what comes now waits for the next one.
      vi.setSystemTime(Date.now() + 59_900);
      client.send({ seq: 2, event: wireEvent() });
      client.send({ seq: 3, event: wireEvent() });
      await eventually(() => {
        vi.setSystemTime(Date.now() + 20);
        expect(client.received.at(-1)).toEqual({ ack: 3 });
      });
      expect(await server.stored()).toHaveLength(4);
    } finally {
      vi.useRealTimers();
    }
  });

  test("a key may have a quarter of all connections open", async () => {
    const server = await startIngest({ limits: { maxConnections: 8 } });
    const first = await openStream(server.url, SERVER_KEY);
    await openStream(server.url, SERVER_KEY);
    await expect(openStream(server.url, SERVER_KEY)).rejects.toThrow("429");
    await openStream(server.url, BROWSER_KEY);
    first.socket.terminate();
    await eventually(async () => void (await openStream(server.url, SERVER_KEY)));
  });

  test("pings, and drops a client that does not answer", async () => {
    const server = await startIngest({ pingMs: 20 });
    const alive = await openStream(server.url, SERVER_KEY);
    const dead = await openStream(server.url, SERVER_KEY);
    dead.socket.pong = () => undefined;
    expect(await dead.closed).toBe(1006);
    alive.send({ seq: 1, event: wireEvent() });
    await alive.acked(1);
  });

  test("a server that stops says goodbye with 1001", async () => {
    const server = await startIngest();
    const client = await openStream(server.url, SERVER_KEY);
    await server.stop();
    expect(await client.closed).toBe(1001);
  });
});
