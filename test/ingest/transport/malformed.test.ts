import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { expect, test } from "vitest";
import { SERVER_KEY, startIngest } from "../../helpers/ingestServer.ts";
import { wireEvent } from "../../helpers/wireEvent.ts";

const KEY = { "x-selfheal-key": SERVER_KEY, "content-type": "application/json" };
const ROUTES = [
  "/v1/events",
  "/v1/lost",
  "/v1/logs",
  "/v1/traces",
  `/api/1/store/?sentry_key=${SERVER_KEY}`,
  `/api/1/envelope/?sentry_key=${SERVER_KEY}`,
];
/** What may be answered to a body of whatever kind. */
const CLEAR = new Set([200, 202, 400, 413, 415]);

/** A server, what it answers, and whether its book is right. */
async function home() {
  const server = await startIngest();
  const ask = async (path: string, body: Uint8Array | string, headers: Record<string, string> = {}) => {
    const reply = await fetch(`${server.url}${path}`, { method: "POST", headers: { ...KEY, ...headers }, body });
    await reply.text();
    return reply.status;
  };
  const dropped = () => Object.values(server.acceptor.stats().dropped).reduce((sum, events) => sum + events, 0);
  return { server, ask, dropped };
}

/** After the manner of JSONTestSuite: must be refused (n), must be taken (y), may be either (i), where an event's `extra` holds it. */
const NO = [
  ...'[1 true]|[a\u00e5]|["": 1]|[,1]|[1,,2]|["x"]]|["",]|["x"|[x|[3[4]]|[1:2]|[-]|[-01]|[.123]|[0.e1]|[1.]|[0x1]|[Infinity]|[NaN]|[+1]'.split(
    "|",
  ),
  ...'{"a" b}|{:"b"}|{"a""b"}|{"a":|{"a"|{1:1}|{"a":"a" 123}|{\'a\':0}|{"id":0,}|{"a":"b"}/**/|{"a":"b"}#|{a:"b"}'.split(
    "|",
  ),
  ...'["\\u00A"]|["\\x00"]|["\\a"]|["new\nline"]|["\t"]|["\\uD800\\"]|["|[\\n]|[nul]|[fals]|[tru]|[True]|*|1]|]'.split(
    "|",
  ),
  "\ufeff",
  "[\u0000]",
  "[\u2060]",
];
const YES = [
  '["\\u0060\\u012a\\u12AB"]',
  '["\\uD801\\udc37"]',
  '["\\\\n"]',
  "[1E-2]",
  "[-0]",
  "[ 1 ]",
  '{"":0}',
  '{"a":1,"a":2}',
  '"\u2028"',
  "[123e65]",
];
const EITHER = [
  "[1e999]",
  '["\\uDFAA"]',
  '["\\uD888\\u1234"]',
  "[123123e100000]",
  `${"[".repeat(500)}${"]".repeat(500)}`,
];

test("JSON as it must not be is refused and counted, JSON as it may be is taken", async () => {
  const { server, ask, dropped } = await home();
  const holding = (value: string) =>
    JSON.stringify(wireEvent({ extra: { x: 0 } })).replace('{"x":0}', `{"x":${value}}`);
  for (const [values, allowed] of [
    [NO, [400]],
    [YES, [202]],
    [EITHER, [202, 400]],
  ] as const) {
    for (const value of values) {
      const before = dropped();
      const status = await ask("/v1/events", holding(value));
      expect(allowed, `${JSON.stringify(value)} got ${status}`).toContain(status);
      expect(dropped() - before).toBe(status === 400 ? 1 : 0);
    }
  }
  expect(server.errors).toEqual([]);
});

test("gzip that is cut, damaged or wrapped twice is refused and counted, and the next request is served", async () => {
  const { server, ask, dropped } = await home();
  const packed = gzipSync(JSON.stringify(wireEvent()));
  const gzip = { "content-encoding": "gzip" };
  const damaged = Array.from({ length: 12 }, (_, n) => {
    const copy = Buffer.from(packed);
    const at = Math.floor((packed.length * (n + 1)) / 14);
    copy[at] = (copy[at] ?? 0) ^ 0xff;
    return copy;
  });
  const cut = Array.from({ length: 12 }, (_, n) => packed.subarray(0, Math.floor((packed.length * n) / 12)));
  let bad = 0;
  for (const body of [...cut, ...damaged, gzipSync(packed), gzipSync(gzipSync(gzipSync(Buffer.alloc(10_000_000))))]) {
    for (const path of ["/v1/events", `/api/1/envelope/?sentry_key=${SERVER_KEY}`]) {
      const status = await ask(path, body, gzip);
      // A byte of gzip's own header may be anything.
      if (status === 202 || status === 200) continue;
      expect([400, 413]).toContain(status);
      expect(dropped()).toBe(++bad);
    }
  }
  expect(bad).toBeGreaterThan(40);
  expect(await ask("/v1/events", packed, { "content-encoding": "gzip, gzip" })).toBe(415);
  expect(await ask("/v1/events", packed, gzip)).toBe(202);
  expect(server.errors).toEqual([]);
});

const ITEM = `{"type":"event"}\n${JSON.stringify({ exception: { values: [{ type: "E", value: "x" }] }, tags: { service: "shop-api" } })}\n`;
const ENVELOPE = `{"event_id":"${"a".repeat(32)}"}\n${ITEM}{"type":"attachment","length":5}\nhello\n{"type":"client_report"}\n{"discarded_events":[{"reason":"x","category":"error","quantity":2}]}\n`;

test("whatever a body holds, on whatever route: a clear answer, nothing in the log, bounded memory, and the server goes on", async () => {
  const { server, ask } = await home();
  const whole = [
    ENVELOPE,
    JSON.stringify(wireEvent()),
    '{"lost":{"bufferFull":3}}',
    '{"resourceLogs":[{"scopeLogs":[]}]}',
  ];
  const mutated = fc
    .record({
      text: fc.constantFrom(...whole),
      edits: fc.array(
        fc.record({
          at: fc.double({ min: 0, max: 1, noNaN: true }),
          gone: fc.nat(40),
          put: fc.oneof(
            fc.uint8Array({ maxLength: 12 }),
            fc
              .constantFrom(
                '{"type":"event","length":-1}\n',
                '{"length":1e9,"type":"event"}\n',
                "\n",
                "{",
                '"',
                "null",
                "[[[[",
                "\u0000",
              )
              .map((text) => Uint8Array.from(Buffer.from(text))),
          ),
        }),
        { maxLength: 6 },
      ),
    })
    .map(({ text, edits }) =>
      edits.reduce<Buffer>((bytes, { at, gone, put }) => {
        const place = Math.floor(at * bytes.length);
        return Buffer.concat([bytes.subarray(0, place), put, bytes.subarray(place + gone)]);
      }, Buffer.from(text)),
    );
  const headers = fc.constantFrom<Record<string, string>>(
    {},
    { "content-encoding": "gzip" },
    { "content-type": "application/x-protobuf" },
    { "content-type": "" },
  );
  const before = process.memoryUsage().rss;
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...ROUTES), mutated, headers, async (path, body, more) => {
      const status = await ask(path, body, more);
      expect(CLEAR, `${path} ${status}`).toContain(status);
    }),
    { numRuns: 300 },
  );
  expect(process.memoryUsage().rss - before).toBeLessThan(200_000_000);
  expect(server.errors).toEqual([]);
  expect(await ask("/v1/events", JSON.stringify(wireEvent()))).toBe(202);
});
