import { describe, expect, it } from "vitest";
import { countEvent, isKeptSample, issueIdOf } from "../../src/domain/countEvent.ts";
import type { CapturedEvent } from "../../src/domain/event.ts";
import type { Issue } from "../../src/domain/issue.ts";
import { buildEvent } from "../helpers/eventBuilder.ts";

const FINGERPRINT = { algorithm: 1, family: "f", strict: "s", why: "type and top frame" };

function counted(...events: Partial<CapturedEvent>[]): Issue {
  const issue = events.reduce<Issue | null>((before, e) => countEvent(before, buildEvent(e), FINGERPRINT), null);
  if (issue === null) throw new Error("give at least one event");
  return issue;
}

it("keeps few Events of a storm", () => {
  const kept = Array.from({ length: 1000 }, (_, i) => i + 1).filter((count) => isKeptSample({ count }, "T0"));
  expect(kept).toEqual([1, 2, 3, 4, 5, 8, 16, 32, 64, 128, 256, 512]);
});

it("gives an Issue the same id in every version", () => {
  // A changed algorithm would cut every Issue in two: this text must not change.
  expect(issueIdOf("shop", "shop-api", FINGERPRINT)).toBe("e430037bcbada571");
});

it("keeps the parts of an id apart", () => {
  expect(issueIdOf("a", "b c", FINGERPRINT)).not.toBe(issueIdOf("a b", "c", FINGERPRINT));
});

describe("an Issue", () => {
  it.each<[string, Partial<CapturedEvent>[], Partial<Issue>]>([
    ["has the lowest tier", [{ trustTier: "T2" }, { trustTier: "T0" }, { trustTier: "T1" }], { trustTier: "T0" }],
    ["is corroborated by any better tier", [{ trustTier: "T0" }, { trustTier: "T1" }], { corroborated: true }],
    ["is not corroborated by T0 alone", [{ trustTier: "T0" }, { trustTier: "T0" }], { corroborated: false }],
    [
      "counts the events of servers apart from a flood of a public key",
      [
        { trustTier: "T1", level: "warning", handled: true, receivedAt: 7 },
        ...Array.from({ length: 60 }, () => ({ trustTier: "T0", level: "fatal", handled: false }) as const),
      ],
      { count: 61, level: "fatal", trusted: { count: 1, level: "warning", unhandled: false, firstSeen: 7 } },
    ],
    ["is unhandled once one was", [{ handled: true }, { handled: false }, { handled: true }], { unhandled: true }],
    [
      "is not unhandled by silence",
      [{ handled: true }, { handled: undefined }] as Partial<CapturedEvent>[],
      { unhandled: false },
    ],
    ["has the highest level", [{ level: "warning" }, { level: "fatal" }, { level: "info" }], { level: "fatal" }],
    [
      "was seen from the first to the last",
      [{ receivedAt: 5 }, { receivedAt: 9 }, { receivedAt: 2 }],
      { firstSeen: 2, lastSeen: 9, count: 3 },
    ],
    ["names each release once", [{ release: "1" }, { release: "2" }, {}, { release: "1" }], { releases: ["1", "2"] }],
  ])("%s", (_, events, expected) => {
    expect(counted(...events)).toMatchObject(expected);
  });

  it("remembers the last twenty releases", () => {
    const releases = Array.from({ length: 30 }, (_, i) => `r${i}`);
    expect(counted(...releases.map((release) => ({ release }))).releases).toEqual(releases.slice(10));
  });

  const frame = (file: string, inApp: boolean, fn?: string) => ({ file, inApp, ...(fn && { function: fn }) });
  it.each([
    [[frame("lib.js", false, "run"), frame("cart.js", true, "city")], "city (cart.js)"],
    [[frame("lib.js", false, "run")], "run (lib.js)"],
    [[frame("cart.js", true)], "<anonymous> (cart.js)"],
    [[], ""],
  ])("blames the top frame of the app %#", (frames, culprit) => {
    const issue = counted({ exception: { type: "E", value: `first line${"x".repeat(600)}\nsecond`, frames } });
    expect(issue.culprit).toBe(culprit);
    expect(issue.title).toMatch(/^E: first linex+$/);
    expect(issue.title).toHaveLength(512);
  });
});
