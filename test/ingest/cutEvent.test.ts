import { describe, expect, test } from "vitest";
import type { CapturedEvent } from "../../src/domain/event.ts";
import { cutEvent } from "../../src/ingest/cutEvent.ts";
import { documentReader } from "../../src/ingest/normalize.ts";
import { MAX_SCANNED, scrub } from "../../src/ingest/privacy/scrub.ts";
import { PROTOCOLS } from "../../src/ingest/protocols/index.ts";
import { hostileBodies } from "../attack/hostileEvents.ts";
import { wireEvent } from "../helpers/wireEvent.ts";

const LIMITS = {
  maxBodyBytes: 1_000_000,
  maxEnvelopeBytes: 5_000_000,
  maxDepth: 32,
  maxValues: 100_000,
  maxItemsPerEnvelope: 100,
  maxEventsPerRequest: 100,
} as Parameters<(typeof PROTOCOLS)[number]["routes"][number]["read"]>[0]["limits"];
const CONTEXT = { project: "shop", receivedAt: 1, newId: () => "a".repeat(32), defaultService: "shop-api" };

/** The Events of a body, read as the server reads them. */
function eventsOf({ path, contentType, body }: ReturnType<typeof hostileBodies>[number]): CapturedEvent[] {
  const routes = PROTOCOLS.flatMap((protocol) => protocol.routes);
  const route = routes.find(({ paths }) => paths.includes(path.replace("/api/1/", "/api/:project/")));
  const contents = route?.read({ bytes: Buffer.from(body), contentType, limits: LIMITS, document: documentReader });
  if (contents === undefined || "code" in contents) throw new Error(`not read: ${contents?.message}`);
  return contents.events.map((read) => {
    const result = read(CONTEXT);
    if (result.kind === "invalid") throw new Error(result.faults[0]?.message);
    return { ...result.event, trustTier: "T0" };
  });
}

const event = (fields: Record<string, unknown>): CapturedEvent => {
  const result = documentReader(wireEvent(fields))(CONTEXT);
  if (result.kind === "invalid") throw new Error(result.faults[0]?.message);
  return { ...result.event, trustTier: "T0" };
};

/** Everything of an Event that is searched for secrets. */
const textsOf = (value: unknown): string[] =>
  typeof value === "string"
    ? [value]
    : typeof value === "object" && value !== null
      ? Object.entries(value).flatMap(([key, inner]) => [key, ...textsOf(inner)])
      : [];

describe("what an Event may cost", () => {
  test.each(hostileBodies().map((body) => [body.name, body] as const))("%s", (_name, body) => {
    const events = eventsOf(body);
    expect(events.length).toBeGreaterThan(0);
    for (const given of events.slice(0, 5)) {
      const { event: cut } = cutEvent(given);
      const texts = textsOf(cut);
      expect(texts.length).toBeLessThan(8000);
      expect(texts.reduce((sum, text) => sum + text.length, 0)).toBeLessThan(200_000);
      const meter = { scanned: 0 };
      const clean = scrub(cut, undefined, meter);
      // One text may begin just before the limit and take all of its rounds.
      expect(meter.scanned).toBeLessThan(MAX_SCANNED + 8 * 70_000);
      expect(clean.exception.type).toBe(given.exception.type);
      expect(clean.exception.frames[0]?.line).toBe(given.exception.frames[0]?.line);
    }
  });

  test("the exception has the room first, and what was cut is named", () => {
    const long = (n: number) => `${"word ".repeat(4000)}${n}`;
    const { event: cut, cuts } = cutEvent(
      event({
        exception: {
          type: "TypeError",
          value: "x is undefined",
          frames: [{ file: "/app/a.js", line: 3, function: "f" }],
        },
        tags: Object.fromEntries(Array.from({ length: 90 }, (_, i) => [`tag${i}`, "x"])),
        extra: Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`extra${i}`, long(i)])),
      }),
    );
    expect(cut.exception).toMatchObject({ type: "TypeError", value: "x is undefined", frames: [{ line: 3 }] });
    expect(Object.keys(cut.tags)).toHaveLength(64);
    expect(cuts).toEqual(["extra", "tags"]);
  });

  test("an ordinary Event is the same object afterwards", () => {
    const given = event({ extra: { a: 1 }, tags: { b: "c" } });
    expect(cutEvent(given)).toEqual({ event: given, cuts: [] });
    expect(cutEvent(given).event).toBe(given);
  });

  test.each([
    ["a token", "ghp_abcdefghijklmnopqrstuvwxyz0123456789"],
    ["a card number", "4111 1111 1111 1111"],
    ["an address", "someone.with.a.name@mail.example.com"],
    ["a key in a URL", "https://user:hunter2hunter2@db.example.com/x"],
    ["a quoted password", '"password": "correct horse battery staple"'],
  ])("wherever the cut falls, no half of %s is left", (_what, secret) => {
    const pieces = secret.split(/[^A-Za-z0-9]+/).filter((piece) => /\d{4}|ghp_.{8}|hunter2|horse|someone/.test(piece));
    // The cut of a message is at 8192 + 1024; the secret lies across it, one character further each time.
    for (let before = 9216 - secret.length; before <= 9216; before++) {
      // Names at the start shrink the text, so that the cut's own edge comes into what is kept.
      const value = `${"pin=1111111111111111111111111111 ".repeat(100)}${"w ".repeat(5000)}`
        .slice(0, before)
        .concat(secret, " and more ".repeat(200));
      const { value: kept } = scrub(cutEvent(event({ exception: { type: "E", value } })).event).exception;
      for (const piece of pieces) expect(kept).not.toContain(piece.slice(0, 6));
    }
  });
});
