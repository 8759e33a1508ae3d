import { defaultStackParser, makeNodeTransport, NodeClient, Scope } from "@sentry/node";
import { expect, test } from "vitest";
import { SERVER_KEY, startIngest } from "../../helpers/ingestServer.ts";

const CLIENTS = 8;
const EACH = 1250;

/** Real SDK clients without what only costs time here: integrations and global handlers. */
function sentryClient(port: number): NodeClient {
  const client = new NodeClient({
    dsn: `http://${SERVER_KEY.replaceAll("-", "")}@127.0.0.1:${port}/1`,
    transport: makeNodeTransport,
    stackParser: defaultStackParser,
    integrations: [],
    sendClientReports: true,
  });
  client.init();
  return client;
}

test("10,000 events under back-pressure: received + lost + reported lost = thrown, exactly", async () => {
  let asked = 0;
  // A backlog that is fine for a while, then long, then full, and over again.
  const rung = () => [0, 0, 0, 0, 0, 0, 60, 60, 100, 0][asked++ % 10] ?? 0;
  const server = await startIngest({
    keys: [{ key: SERVER_KEY.replaceAll("-", ""), project: "shop", tier: "T0" }],
    limits: { maxSpool: 100 },
    waiting: () => Promise.resolve({ rows: rung(), bytes: 0 }),
  });
  const clients = Array.from({ length: CLIENTS }, () => sentryClient(server.port));
  for (let i = 0; i < EACH; i++) {
    for (const client of clients) client.captureException(new TypeError(`no city ${i}`), undefined, new Scope());
    // Some of them get through before the 64 places of the transport are taken.
    if (i % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  for (const client of clients) {
    await client.getTransport()?.flush(300_000);
    await client.flush(300_000);
    await client.close(5000);
  }
  const balance = await server.balance();
  expect(balance.thrown).toBe(CLIENTS * EACH);
  expect(balance.received).toBe((await server.stored()).length);
  for (const share of [balance.received, balance.lost, balance.reportedLost]) expect(share).toBeGreaterThan(0);
  expect(server.acceptor.stats().dropped).toMatchObject({ queueFull: balance.lost, invalid: 0 });
});
