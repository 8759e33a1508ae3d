import { expect, test } from "vitest";
import { hostileBodies } from "../../attack/hostileEvents.ts";
import { BROWSER_KEY, SERVER_KEY, startIngest } from "../../helpers/ingestServer.ts";
import { openStream } from "../../helpers/streamClient.ts";
import { wireEvent } from "../../helpers/wireEvent.ts";

const post = (url: string, key: string, body: string) =>
  fetch(`${url}/v1/events`, { method: "POST", headers: { authorization: `Bearer ${key}` }, body });

test("while one request is taken in, health is answered again and again", async () => {
  const server = await startIngest({ limits: { maxBodyBytes: 1_000_000 } });
  const hostile = hostileBodies().find(({ name }) => name === "list of small events");
  let isTaken = false;
  const taken = post(server.url, BROWSER_KEY, String(hostile?.body)).then((reply) => {
    isTaken = true;
    return reply.status;
  });
  let answers = 0;
  while (!isTaken) {
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
    if (!isTaken) answers++;
  }
  expect(await taken).toBe(202);
  // Its hundred Events are more than five turns of work on any machine.
  expect(answers).toBeGreaterThanOrEqual(5);
});

test("a key that has used its share is told to wait, and each refusal has its name", async () => {
  const server = await startIngest({ limits: { maxBodyBytes: 1_000_000, cpuSharePerPublicKey: 0.000_001 } });
  expect((await post(server.url, BROWSER_KEY, JSON.stringify(wireEvent()))).status).toBe(202);
  const refused = await post(server.url, BROWSER_KEY, JSON.stringify(wireEvent()));
  expect(refused.status).toBe(429);
  expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
  expect(await refused.json()).toMatchObject({ error: { code: "cpuLimited" } });
  const envelope = await fetch(`${server.url}/api/1/envelope/?sentry_key=${BROWSER_KEY}`, {
    method: "POST",
    body: "{}",
  });
  expect(envelope.status).toBe(429);
  expect((await post(server.url, SERVER_KEY, JSON.stringify(wireEvent()))).status).toBe(202);
  expect(server.acceptor.stats().dropped).toMatchObject({ cpuLimited: 2 });
  expect(await server.balance()).toMatchObject({ received: 2, deferred: 1, lost: 1 });
});

test("a stream of a key that has used its share is acked later, and loses nothing", async () => {
  const server = await startIngest({ limits: { cpuSharePerSecretKey: 0.000_001 } });
  const client = await openStream(server.url, SERVER_KEY);
  client.send({ seq: 1, event: wireEvent() });
  await client.acked(1);
  client.send({ seq: 2, event: wireEvent() });
  // A request on another connection is answered after the stream's message was received.
  expect((await post(server.url, SERVER_KEY, JSON.stringify(wireEvent()))).status).toBe(429);
  expect(client.received.some(({ ack }) => ack === 2)).toBe(false);
  expect(server.acceptor.stats().dropped).toMatchObject({ cpuLimited: 1 });
});

test("what was cut of an Event is in its tags and in the counters; the exception is whole", async () => {
  const server = await startIngest({ limits: { maxBodyBytes: 1_000_000 } });
  const extra = Object.fromEntries(Array.from({ length: 90 }, (_, i) => [`k${i}`, "word ".repeat(1000)]));
  expect((await post(server.url, SERVER_KEY, JSON.stringify(wireEvent({ extra })))).status).toBe(202);
  const [stored] = await server.stored();
  expect(stored?.tags["selfheal.cut"]).toBe("extra");
  expect(stored?.exception).toMatchObject({ type: "TypeError" });
  await server.balance();
  expect(await server.stores.ingestCounts.sums()).toContainEqual(
    expect.objectContaining({ outcome: "shortened", reason: "extra", events: 1 }),
  );
});

test("a stream's messages are measured in bytes", async () => {
  const server = await startIngest({ limits: { maxBytesInFlight: 5000 } });
  const client = await openStream(server.url, SERVER_KEY);
  // 3,000 characters, 9,000 bytes.
  client.send({ seq: 1, event: wireEvent({ extra: { x: "€".repeat(3000) } }) });
  expect(await client.closed).toBe(1013);
});
