/** Bodies that a key may send and that cost the most to read: one kind a way of costing. All are within the default limits. */
export interface HostileBody {
  name: string;
  path: string;
  contentType: string;
  body: string | Buffer;
}

/** Characters of a body that is nearly as large as is allowed. */
const FULL = 880_000;

const nativeEvent = (fields: Record<string, unknown>) => ({
  service: "shop-api",
  platform: "node",
  exception: { type: "TypeError", value: "x is undefined", stack: "TypeError: x\n    at f (/app/a.js:1:1)" },
  ...fields,
});

const native = (name: string, fields: Record<string, unknown>): HostileBody => ({
  name,
  path: "/v1/events",
  contentType: "application/json",
  body: JSON.stringify(nativeEvent(fields)),
});

const message = (name: string, piece: string): HostileBody =>
  native(`message: ${name}`, {
    exception: {
      type: "Error",
      value: repeated(piece, (FULL * piece.length) / (JSON.stringify(piece).length - 2)),
      stack: "",
    },
  });

const repeated = (piece: string, length: number) =>
  piece.repeat(Math.ceil(length / piece.length)).slice(0, Math.floor(length));

/** Numbers each occurrence of `#`, so that no two texts are equal and no cache helps. */
const numbered = (text: string, by: number) => text.replaceAll("#", String(by));

/** Every kind. `salt` makes the texts of one call differ from those of another. */
export function hostileBodies(salt = 0): HostileBody[] {
  const long = (length: number, by: number) => numbered(repeated("a=#; b: # x@y.de 10.0.0.# ", length), by + salt);
  return [
    message("plain words", `some words ${salt} `),
    message("assignments", `a${salt}=1 token: b password=c `),
    message("addresses", "1.2.3.4 ::1 a@b.cc "),
    message("half addresses", "a@b@c@d.e%40"),
    message("card numbers", "4111 1111 1111 1112 - "),
    message("digits", "1 2-3 4 5 6-7 8 9 0 "),
    message("colons", "a:b:c:1:"),
    message("URLs with credentials", "http://u:p@"),
    message("quotes", "'\"`\\\"\\'"),
    message("surrogates and controls", "\ud83d\u200b\u001b[1m\u0000"),
    message("escapes that never end", "\u001b]8;;"),
    message("keys that never end", "-----BEGIN RSA PRIVATE KEY-----\n-"),
    message("dots and dashes", "a.-"),
    native("stack of long lines", {
      exception: {
        type: "Error",
        value: "x",
        stack: `Error: x\n${Array.from({ length: 860 }, (_, i) => `    at ${repeated("a.b", 900)}${i + salt} (/app/a.js:1:1)`).join("\n")}`,
      },
    }),
    native("stack of short lines", {
      exception: { type: "Error", value: "x", stack: `Error: x\n${"    at f (a.js:1:1)\n".repeat(40_000)}` },
    }),
    native("marks at the edge of a cut", {
      extra: Object.fromEntries(Array.from({ length: 64 }, (_, i) => [`k${i + salt}`, repeated("pin=1 ", 13_000 - i)])),
      request: { url: repeated("pin=2 ", 20_000), body: repeated("pin=3 ", 20_000) },
    }),
    native("digits in many texts", {
      extra: Object.fromEntries(
        Array.from({ length: 64 }, (_, i) => [`k${i + salt}`, repeated("1 2-3 4 5 6-7 8 9 0 ", 13_000)]),
      ),
    }),
    native("frames with source", {
      exception: {
        type: "Error",
        value: "x",
        frames: Array.from({ length: 200 }, (_, i) => ({
          file: `/app/${i + salt}.js`,
          function: long(200, i),
          line: i,
          context_line: long(900, i),
          pre_context: Array.from({ length: 5 }, (_, j) => long(230, i * 10 + j)),
          post_context: Array.from({ length: 5 }, (_, j) => long(230, i * 10 + j + 5)),
        })),
      },
    }),
    native("frames with variables", {
      exception: {
        type: "Error",
        value: "x",
        frames: Array.from({ length: 200 }, (_, i) => ({
          file: `/app/${i + salt}.js`,
          line: i,
          vars: Object.fromEntries(
            Array.from({ length: 64 }, (_, j) => [`v${j}`, { a: `v=${i * 64 + j + salt}`, t: 1 }]),
          ),
        })),
      },
    }),
    native("30,000 frames", {
      exception: {
        type: "Error",
        value: "x",
        frames: Array.from({ length: 30_000 }, (_, i) => ({ file: `f${i + salt}`, line: i })),
      },
    }),
    native("causes with frames", {
      exception: Array.from({ length: 10 }).reduce<Record<string, unknown>>(
        (cause, _, i) => ({
          type: "Error",
          value: long(2000, i),
          frames: Array.from({ length: 200 }, (_, j) => ({ file: long(300, i * 200 + j), line: j })),
          cause,
        }),
        { type: "Error", value: "root" },
      ),
    }),
    native("extra of small strings", {
      extra: Object.fromEntries(
        Array.from({ length: 64 }, (_, i) => [
          `k${i}`,
          Array.from({ length: 1300 }, (_, j) => `s${i * 1300 + j + salt}`),
        ]),
      ),
    }),
    native("extra of small objects", {
      extra: Object.fromEntries(
        Array.from({ length: 64 }, (_, i) => [
          `k${i}`,
          Array.from({ length: 700 }, (_, j) => ({ [`n${j + salt}`]: "a=b" })),
        ]),
      ),
    }),
    native("extra, nested deep", {
      extra: Object.fromEntries(
        Array.from({ length: 64 }, (_, i) => [
          `k${i}`,
          Array.from({ length: 25 }).reduce((inner) => ({ a: inner, b: long(400, i) }), {} as object),
        ]),
      ),
    }),
    native("60,000 tags", { tags: Object.fromEntries(Array.from({ length: 60_000 }, (_, i) => [`t${i + salt}`, i])) }),
    native("body of a request", {
      request: { url: "http://x/", body: JSON.stringify({ a: repeated("b=c: ", FULL - 20_000) }) },
    }),
    native("URL of a request", { request: { url: `http://x/?${repeated("a=b@c.de&", FULL)}` } }),
    native("headers of a request", {
      request: {
        url: "/",
        headers: Object.fromEntries(Array.from({ length: 64 }, (_, i) => [`h${i}`, long(10_000, i)])),
      },
    }),
    {
      name: "list of small events",
      path: "/v1/events",
      contentType: "application/json",
      body: JSON.stringify(
        Array.from({ length: 100 }, (_, i) =>
          nativeEvent({ exception: { type: "Error", value: long(6400, i), stack: "" } }),
        ),
      ),
    },
    sentryEnvelope("sentry: 10,000 exceptions", {
      exception: { values: Array.from({ length: 20_000 }, (_, i) => ({ type: "E", value: `v=${i + salt}` })) },
    }),
    sentryEnvelope("sentry: exceptions with frames", {
      exception: {
        values: Array.from({ length: 12 }, (_, i) => ({
          type: "E",
          value: long(2000, i),
          stacktrace: {
            frames: Array.from({ length: 200 }, (_, j) => ({
              filename: long(120, i * 200 + j),
              lineno: j,
              context_line: long(120, j),
            })),
          },
        })),
      },
    }),
    sentryEnvelope("sentry: breadcrumbs, contexts, images", {
      exception: { values: [{ type: "E", value: "x" }] },
      breadcrumbs: Array.from({ length: 10_000 }, (_, i) => ({ message: `b=${i}` })),
      debug_meta: { images: Array.from({ length: 10_000 }, (_, i) => ({ code_file: `f${i}`, debug_id: "x" })) },
    }),
    {
      name: "sentry: 100 events in an envelope",
      path: "/api/1/envelope/",
      contentType: "application/x-sentry-envelope",
      body: envelopeOf(
        Array.from({ length: 99 }, (_, i) => ({ exception: { values: [{ type: "E", value: long(36_000, i) }] } })),
      ),
    },
    {
      name: "sentry: logs",
      path: "/api/1/envelope/",
      contentType: "application/x-sentry-envelope",
      body: `{}\n{"type":"log"}\n${JSON.stringify({ items: Array.from({ length: 20_000 }, (_, i) => ({ level: "error", body: `a=${i + salt}` })) })}\n`,
    },
    otlp("otlp: attributes", 1, 16_000, salt),
    otlp("otlp: records", 800, 20, salt),
  ];
}

function sentryEnvelope(name: string, event: object): HostileBody {
  return { name, path: "/api/1/envelope/", contentType: "application/x-sentry-envelope", body: envelopeOf([event]) };
}

function envelopeOf(events: readonly object[]): string {
  return `{}\n${events.map((event) => `{"type":"event"}\n${JSON.stringify({ platform: "node", ...event })}\n`).join("")}`;
}

function otlp(name: string, records: number, attributes: number, salt: number): HostileBody {
  const record = (i: number) => ({
    severityNumber: 17,
    attributes: [
      { key: "exception.type", value: { stringValue: "Error" } },
      { key: "exception.message", value: { stringValue: `m=${i + salt}` } },
      ...Array.from({ length: attributes }, (_, j) => ({
        key: `k${j}`,
        value: { stringValue: `a=${i * attributes + j + salt}` },
      })),
    ],
  });
  return {
    name,
    path: "/v1/logs",
    contentType: "application/json",
    body: JSON.stringify({
      resourceLogs: [
        {
          resource: { attributes: [{ key: "service.name", value: { stringValue: "shop-api" } }] },
          scopeLogs: [{ logRecords: Array.from({ length: records }, (_, i) => record(i)) }],
        },
      ],
    }),
  };
}
