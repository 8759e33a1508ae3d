import { createEnvelope, parseEnvelope, serializeEnvelope } from "@sentry/core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { frameEnvelope } from "../../../src/ingest/protocols/sentry/envelope.ts";

const LIMITS = { maxDepth: 32, maxValues: 100_000, maxItemsPerEnvelope: 100 };
const frame = (text: string | Uint8Array) =>
  frameEnvelope(typeof text === "string" ? new TextEncoder().encode(text) : text, LIMITS);
const texts = (bytes: string | Uint8Array) =>
  frame(bytes)?.items.map(({ payload }) => new TextDecoder().decode(payload));

const Item = fc.oneof(
  fc.record({ kind: fc.constant("json" as const), value: fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 })) }),
  fc.record({ kind: fc.constant("bytes" as const), value: fc.uint8Array({ minLength: 1, maxLength: 60 }) }),
);

/** As an SDK writes it: JSON payloads without a length, binary ones with theirs. */
function written(header: object, items: readonly { kind: "json" | "bytes"; value: unknown }[]): Uint8Array {
  const parts = items.map(({ kind, value }) =>
    kind === "bytes"
      ? [{ type: "attachment", length: (value as Uint8Array).length }, value]
      : [{ type: "event" }, value ?? null],
  );
  const envelope = createEnvelope(header as never, parts as never);
  const out = serializeEnvelope(envelope);
  return typeof out === "string" ? new TextEncoder().encode(out) : out;
}

describe("frameEnvelope", () => {
  test("reads what the SDK writes as the SDK reads it", () => {
    fc.assert(
      fc.property(fc.array(Item, { maxLength: 5 }), (items) => {
        const bytes = written({ event_id: "1" }, items);
        const [header, oracle] = parseEnvelope(bytes);
        const own = frame(bytes);
        expect(own?.header).toEqual(header);
        expect(own?.broken).toBe(0);
        expect(own?.items.map((item) => item.header)).toEqual(oracle.map(([itemHeader]) => itemHeader));
        for (const [index, [itemHeader, payload]] of oracle.entries()) {
          const bytesOf = own?.items[index]?.payload ?? new Uint8Array();
          if ("length" in itemHeader) expect([...bytesOf]).toEqual([...(payload as Uint8Array)]);
          else expect(JSON.parse(new TextDecoder().decode(bytesOf))).toEqual(payload);
        }
      }),
      { numRuns: 300 },
    );
  });

  test("never throws, whatever a few changed, lost or added bytes do; and finds what stands before them", () => {
    fc.assert(
      fc.property(
        fc.array(Item, { minLength: 1, maxLength: 4 }),
        fc.nat(),
        fc.nat(),
        fc.uint8Array({ maxLength: 8 }),
        (items, at, cut, junk) => {
          const bytes = written({}, [{ kind: "json", value: { first: true } }, ...items]);
          const from = 3 + (at % (bytes.length - 3));
          const broken = Buffer.concat([bytes.subarray(0, from), junk, bytes.subarray(from + (cut % 20))]);
          const own = frame(broken);
          if (from > written({}, [{ kind: "json", value: { first: true } }]).length + 1) {
            expect(new TextDecoder().decode(own?.items[0]?.payload)).toBe('{"first":true}');
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  test.each([
    ["no trailing newline", '{}\n{"type":"event"}\n{"a":1}', ['{"a":1}']],
    ["trailing newlines", '{}\n{"type":"event"}\n{"a":1}\n\n\n', ['{"a":1}']],
    ["carriage returns between items", '{}\r\n{"type":"event"}\n{"a":1}\n\r\n', ['{"a":1}']],
    ["an empty payload", '{}\n{"type":"session","length":0}\n\n{"type":"event"}\n{}', ["", "{}"]],
    ["newlines inside a length", '{}\n{"type":"attachment","length":3}\na\nb\n{"type":"event"}\n{}', ["a\nb", "{}"]],
    ["a length that is too short", '{}\n{"type":"event","length":2}\n{"a":1}\n{"type":"event"}\n{}', ['{"a":1}', "{}"]],
    [
      "a length that is too long",
      '{}\n{"type":"event","length":999}\n{"a":1}\n{"type":"event"}\n{}',
      ['{"a":1}', "{}"],
    ],
    ["a length that is no number", '{}\n{"type":"event","length":"7"}\n{"a":1}', ['{"a":1}']],
    ["junk between items", '{}\nwhat\nis\nthis\n{"type":"event"}\n{"a":1}', ['{"a":1}']],
    ["no items", "{}", []],
    ["no items, a newline", "{}\n", []],
  ])("%s", (_what, text, expected) => {
    expect(texts(text)).toEqual(expected);
  });

  test("a stretch of junk is one loss, and a cut payload is marked", () => {
    expect(frame("{}\nwhat\nis\n")).toMatchObject({ items: [], broken: 1 });
    expect(frame('{}\n{"type":"event","length":99}\n{"a"')).toMatchObject({ items: [{ isCut: true }], broken: 0 });
  });

  test.each(["", "[]", "nope", "\n{}", "5"])("%j is no envelope", (text) => {
    expect(frame(text)).toBeNull();
  });

  test("has a bound on items", () => {
    const many = `{}\n${'{"type":"event"}\n{}\n'.repeat(1000)}`;
    expect(frame(many)).toMatchObject({ items: { length: 100 }, broken: 1 });
  });
});
