import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { CapturedEvent } from "../../src/domain/event.ts";
import { cutEvent } from "../../src/ingest/cutEvent.ts";
import { normalizeEvent } from "../../src/ingest/normalize.ts";
import { scrub } from "../../src/ingest/privacy/scrub.ts";
import { eventId } from "../helpers/eventBuilder.ts";
import { BUILT_AT } from "../helpers/ticketBuilder.ts";
import { wireEvent } from "../helpers/wireEvent.ts";

const FIXTURES = join(import.meta.dirname, "../fixtures/wire");

const ORIGIN = {
  project: "shop",
  tier: "T1" as const,
  receivedAt: BUILT_AT,
  defaultService: "default-service",
  newId: () => eventId("new"),
};

function read(wire: unknown): CapturedEvent {
  const result = normalizeEvent(wire, ORIGIN);
  if (result.kind === "invalid") throw new Error(JSON.stringify(result.faults));
  return result.event;
}

/** What clients in any language send, and what becomes of it: shared with the clients' own tests. */
describe("wire fixtures", () => {
  test.each(readdirSync(FIXTURES).filter((name) => name.endsWith(".wire.json")))("%s", async (name) => {
    const wire: unknown = JSON.parse(readFileSync(join(FIXTURES, name), "utf8"));
    const event = scrub(read(wire));
    expect(CapturedEvent.parse(event)).toEqual(event);
    expect(JSON.stringify(event)).not.toMatch(/hunter2|abc123|ann@example|t0p|203\.0\.113/);
    await expect(`${JSON.stringify(event, null, 2)}\n`).toMatchFileSnapshot(
      join(FIXTURES, name.replace(".wire.json", ".event.json")),
    );
  });
});

describe("normalizeEvent", () => {
  test.each([
    ["2025-10-09T08:00:00Z", BUILT_AT],
    ["2025-10-09T10:00:00+02:00", BUILT_AT],
    [BUILT_AT, BUILT_AT],
    [BUILT_AT / 1000, BUILT_AT],
    [String(BUILT_AT / 1000), BUILT_AT],
    [BUILT_AT / 1000 + 0.25, BUILT_AT + 250],
    [undefined, BUILT_AT],
    [null, BUILT_AT],
    [0, 0],
  ])("timestamp %j", (timestamp, expected) => {
    expect(read(wireEvent({ timestamp })).timestamp).toBe(expected);
  });

  test.each([["yesterday"], [-1], [{}], [true], ["99999999999999999999"]])("timestamp %j is a fault", (timestamp) => {
    const result = normalizeEvent(wireEvent({ timestamp }), ORIGIN);
    expect(result).toMatchObject({ kind: "invalid", faults: [{ path: "timestamp" }] });
  });

  test("every fault is reported, not only the first", () => {
    const result = normalizeEvent(
      {
        event_id: "x",
        level: "loud",
        service: 5,
        exception: { type: "", frames: [{ line: "1" }], cause: { type: 2 } },
      },
      ORIGIN,
    );
    expect(result.kind === "invalid" && result.faults.map((fault) => fault.path).sort()).toEqual([
      "event_id",
      "exception.cause.type",
      "exception.frames[0].line",
      "exception.type",
      "level",
      "service",
    ]);
  });

  test("a missing service is named together with other faults", () => {
    const result = normalizeEvent({ exception: {} }, { ...ORIGIN, defaultService: undefined });
    expect(result.kind === "invalid" && result.faults.map((fault) => fault.path)).toEqual([
      "exception.type",
      "service",
    ]);
  });

  test("a Sentry event's faults have Sentry's field names", () => {
    const result = normalizeEvent(
      { exception: { values: [{ type: 5, stacktrace: { frames: [{ lineno: "x" }] } }] }, timestamp: "soon" },
      ORIGIN,
    );
    expect(result.kind === "invalid" && result.faults.map((fault) => fault.path).sort()).toEqual([
      "exception.values[0].stacktrace.frames[0].lineno",
      "exception.values[0].type",
      "timestamp",
    ]);
    expect(normalizeEvent({ exception: { values: [{}] } }, { ...ORIGIN, defaultService: undefined })).toMatchObject({
      kind: "invalid",
      faults: [{ path: "tags.service" }],
    });
  });

  test.each([[null], [[]], ["text"], [5]])("%j is no event", (wire) => {
    expect(normalizeEvent(wire, ORIGIN)).toMatchObject({ kind: "invalid", faults: [{ path: "" }] });
  });

  test("a long chain of causes is cut at ten", () => {
    let exception: Record<string, unknown> = { type: "E0" };
    for (let i = 1; i < 25; i++) exception = { type: `E${i}`, cause: exception };
    expect(cutEvent(read(wireEvent({ exception }))).event.causes).toHaveLength(10);
  });

  test("a message that looks like a frame is none", () => {
    const value = "failed\n    at evil (/etc/passwd:1:1)";
    const exception = { type: "Error", value, stack: `Error: ${value}\n    at real (/srv/a.js:2:3)` };
    expect(read(wireEvent({ exception })).exception.frames).toMatchObject([{ function: "real" }]);
  });

  test("a client cannot make foreign code its own", () => {
    const frames = ["node:fs", "/srv/node_modules/x/y.js", "internal/a.js", "<anonymous>", ""].map((file) => ({
      file,
      in_app: true,
    }));
    const event = read(wireEvent({ exception: { type: "E", frames } }));
    expect(event.exception.frames.some((frame) => frame.inApp)).toBe(false);
  });
});
