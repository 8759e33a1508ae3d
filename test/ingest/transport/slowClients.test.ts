import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { performance } from "node:perf_hooks";
import { expect, onTestFinished, test } from "vitest";
import { loadFactor } from "../../../src/cli/demo/loadFactor.ts";
import { ingestServerOptions } from "../../../src/ingest/transport/serverOptions.ts";
import { SERVER_KEY, startIngest } from "../../helpers/ingestServer.ts";
import { wireEvent } from "../../helpers/wireEvent.ts";

const PATIENCE = { headersMs: 400, requestMs: 800, checkIntervalMs: 50 };

/** Sends `start`, then a byte every few milliseconds for as long as it is let. Resolves with what came back, once it was cut off. */
async function trickle(port: number, start: string): Promise<{ answer: string; tookMs: number }> {
  const startedAt = performance.now();
  const socket: Socket = connect(port, "127.0.0.1");
  socket.on("error", () => undefined);
  onTestFinished(() => void socket.destroy());
  await once(socket, "connect");
  socket.write(start);
  const drip = setInterval(() => socket.write("x"), 20);
  let answer = "";
  socket.on("data", (piece) => {
    answer += String(piece);
  });
  await once(socket, "close");
  clearInterval(drip);
  return { answer, tookMs: performance.now() - startedAt };
}

const HEAD = `POST /v1/events HTTP/1.1\r\nHost: x\r\nx-selfheal-key: ${SERVER_KEY}\r\n`;

test("clients that trickle headers, a body or a chunked one are cut off in time, while others are served", async () => {
  const server = await startIngest({ patience: PATIENCE, limits: { maxConnections: 50 } });
  const slow = [
    ...Array.from({ length: 10 }, () => trickle(server.port, `${HEAD}x-slow: `)),
    ...Array.from({ length: 10 }, () => trickle(server.port, `${HEAD}content-length: 100000\r\n\r\n{"`)),
    ...Array.from({ length: 10 }, () => trickle(server.port, `${HEAD}transfer-encoding: chunked\r\n\r\nfff\r\n`)),
  ];
  const isOver = Promise.all(slow).then(() => "over" as const);
  let served = 0;
  // One after the other, until the last of the slow ones is gone.
  for (let at = await Promise.race([isOver, null]); at === null; at = await Promise.race([isOver, null])) {
    const reply = await fetch(`${server.url}/v1/events`, {
      method: "POST",
      headers: { "x-selfheal-key": SERVER_KEY },
      body: JSON.stringify(wireEvent()),
    });
    expect(reply.status).toBe(202);
    served++;
  }
  expect(served).toBeGreaterThan(1);
  for (const { answer, tookMs } of await Promise.all(slow)) {
    expect(answer).toMatch(/^(?:HTTP\/1\.1 (?:408|400) |$)/);
    expect(tookMs).toBeGreaterThan(300);
    expect(tookMs).toBeLessThan(10_000 * loadFactor());
  }
  expect((await server.stored()).length).toBe(served);
  expect(server.errors).toEqual([]);
});

test("without being told otherwise: 10 s for headers, 30 s for a request, looked at every 2 s", () => {
  expect(ingestServerOptions({ maxBodyBytes: 1 }).serverOptions).toMatchObject({
    headersTimeout: 10_000,
    requestTimeout: 30_000,
    connectionsCheckingInterval: 2000,
  });
});
