import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CapturedEvent } from "../../../src/domain/event.ts";
import { normalizeEvent } from "../../../src/ingest/normalize.ts";
import { scrub } from "../../../src/ingest/privacy/scrub.ts";
import { buildEvent, eventId } from "../../helpers/eventBuilder.ts";

const SECRET = `ghp_${"Ab1".repeat(12)}`;

/** Any JSON a client could send as an event, with the fields that are read more often than chance would. */
const text = fc.oneof(
  fc.string({ unit: "grapheme" }),
  fc.string({ unit: "binary", maxLength: 20 }),
  fc.constantFrom(
    "password=hunter2",
    "a@b.example",
    "\ud800",
    "\u0000",
    "x".repeat(9000),
    `{"token":"${"y".repeat(70_000)}"}`,
  ),
);
const json = fc.jsonValue({ maxDepth: 3 });
const frame = fc.record(
  {
    file: text,
    function: text,
    line: fc.nat(),
    in_app: fc.boolean(),
    context_line: text,
    vars: fc.dictionary(text, json, { maxKeys: 3 }),
  },
  { requiredKeys: [] },
);
const wire = fc.record(
  {
    exception: fc.record(
      { type: text.map((t) => `E${t}`), value: text, frames: fc.array(frame, { maxLength: 3 }) },
      { requiredKeys: ["type"] },
    ),
    environment: text,
    release: text,
    request: fc.record(
      { url: text, method: text, headers: fc.dictionary(text, text, { maxKeys: 3 }), body: fc.oneof(text, json) },
      { requiredKeys: ["url"] },
    ),
    tags: fc.dictionary(text, json, { maxKeys: 3 }),
    extra: fc.dictionary(text, json, { maxKeys: 3 }),
  },
  { requiredKeys: ["exception"] },
);

function normalized(given: unknown): CapturedEvent {
  const origin = { project: "p", tier: "T0" as const, receivedAt: 1, defaultService: "s", newId: () => eventId("x") };
  const result = normalizeEvent(given, origin);
  if (result.kind === "invalid") throw new Error(JSON.stringify(result.faults));
  return result.event;
}

describe("scrub", () => {
  test("whatever was normalized fits the domain afterwards, and scrubbing again changes nothing", () => {
    fc.assert(
      fc.property(wire, (given) => {
        const once = scrub(normalized(given));
        expect(CapturedEvent.safeParse(once).error).toBeUndefined();
        expect(scrub(once)).toEqual(once);
        expect(JSON.stringify(once)).not.toMatch(/\p{Surrogate}/u);
      }),
      { numRuns: 300 },
    );
  });

  test("a secret does not survive in any field, nor when a length cuts through it", () => {
    fc.assert(
      fc.property(
        fc.nat(9000),
        fc.constantFrom("value", "url", "body", "header", "tag", "extra", "vars", "nested", "key"),
        (at, place) => {
          const value = `${"x ".repeat(Math.ceil(at / 2)).slice(0, at)} ${SECRET} tail`;
          const event = buildEvent({
            exception: {
              type: "E",
              value: place === "value" ? value : "",
              frames: [
                { file: "/a.js", inApp: true, vars: place === "vars" ? { v: JSON.stringify({ deep: [value] }) } : {} },
              ],
            },
            request: {
              method: "POST",
              url: place === "url" ? `/${value}` : "/",
              headers: place === "header" ? { "x-note": value } : {},
              ...(place === "body" && { body: JSON.stringify({ note: value }) }),
            },
            tags: place === "tag" ? { note: value } : {},
            extra:
              place === "extra"
                ? { note: JSON.stringify(value) }
                : place === "nested"
                  ? { a: `[{"b":"${value}"` }
                  : place === "key"
                    ? { [value.slice(at)]: "1" }
                    : {},
          });
          expect(JSON.stringify(scrub(event))).not.toContain(SECRET.slice(0, 12));
        },
      ),
      { numRuns: 200 },
    );
  });

  test("sensitive names lose their value at any depth; absent values and flags stay", () => {
    const event = buildEvent({
      extra: {
        user: JSON.stringify({
          name: "Ann",
          passwordHash: "abc",
          session: null,
          auth: { any: 1 },
          isToken: true,
          list: [{ apiKey: 5 }],
        }),
      },
      tags: { session: "undefined", secret: "x" },
    });
    const clean = scrub(event);
    expect(JSON.parse(clean.extra.user ?? "")).toEqual({
      name: "Ann",
      passwordHash: "[scrubbed:secret]",
      session: null,
      auth: "[scrubbed:secret]",
      isToken: true,
      list: [{ apiKey: "[scrubbed:secret]" }],
    });
    expect(clean.tags).toEqual({ session: "undefined", secret: "[scrubbed:secret]" });
  });

  test("a JSON body that is clean keeps its own text; one that hides a secret under a repeated key does not", () => {
    const request = { method: "POST", url: "/", headers: {} };
    const body = '{ "b": 1.0, "a": [1,  2] }';
    expect(scrub(buildEvent({ request: { ...request, body } })).request?.body).toBe(body);
    const twice = '{"password":"hunter2","password":null}';
    expect(scrub(buildEvent({ request: { ...request, body: twice } })).request?.body).not.toContain("hunter2");
    const form = "user=ann&password=hunter%202&next=1";
    expect(scrub(buildEvent({ request: { ...request, body: form } })).request?.body).toBe(
      "user=ann&password=[scrubbed:secret]&next=1",
    );
  });

  test("a card number is found as a JSON number too", () => {
    expect(scrub(buildEvent({ extra: { n: "4111111111111111", m: "41" } })).extra).toEqual({
      n: '"[scrubbed:card]"',
      m: "41",
    });
  });

  test("frames and names stay as they are", () => {
    const event = buildEvent();
    expect(scrub(event)).toEqual(event);
  });

  test("maps are bounded", () => {
    const many = Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`k${i}`, "v"]));
    expect(Object.keys(scrub(buildEvent({ tags: many, extra: many })).tags)).toHaveLength(64);
  });
});

test.each([
  ["file", "/srv/password='hunter2'.js"],
  ["function", "password='hunter2'"],
  ["contextLine", "const password = 'hunter2';"],
  ["preContext", ["const a = 1;", "const password = 'hunter2';"]],
  ["postContext", ["const password = 'hunter2';"]],
  ["vars", { password: '"hunter2"' }],
])("a secret in %s alone of a frame is taken out", (field, value) => {
  const event = buildEvent();
  const frames = event.exception.frames.map((frame) => ({ ...frame, [field]: value }));
  const scrubbed = scrub({ ...event, exception: { ...event.exception, frames } });
  expect(JSON.stringify(scrubbed)).not.toContain("hunter2");
});
