import { describe, expect, onTestFinished, test } from "vitest";
import type { CapturedEvent, Exception } from "../../../src/domain/event.ts";
import { canonicalMessage } from "../../../src/ingest/grouping/canonicalMessage.ts";
import { globMatches, ruleFor } from "../../../src/ingest/grouping/configuredRules.ts";
import { fingerprint } from "../../../src/ingest/grouping/fingerprint.ts";
import { familyV1 } from "../../../src/ingest/grouping/previousAlgorithm/familyV1.ts";
import { openEmbeddedStores } from "../../../src/store/embedded.ts";
import { buildEvent } from "../../helpers/eventBuilder.ts";
import { tempFolder } from "../../helpers/tempFolder.ts";
import { testClock } from "../../helpers/testClock.ts";

function thrown(type: string, value: string, functions: string[] = ["load"], more: Partial<CapturedEvent> = {}) {
  const frames = functions.map((name) => ({ file: "/srv/src/app.js", function: name, inApp: true }));
  return buildEvent({ exception: { type, value, frames }, ...more });
}
const family = (event: CapturedEvent) => fingerprint(event).family;

describe("canonical: what three engines say of one bug", () => {
  const E = "TypeError";
  test.each<[string, [string, string][]]>([
    [
      "Cannot read properties of undefined (reading 'city')",
      [
        [E, "Cannot read properties of undefined (reading 'city')"],
        [E, "Cannot read property 'city' of undefined"],
        [E, "Uncaught TypeError: Cannot read properties of undefined (reading 'city')"],
        [E, `can't access property "city", order.address is undefined`],
        [E, "undefined is not an object (evaluating 'order.address.city')"],
        [E, "undefined is not an object (evaluating 'order.address.city = 1')"],
      ],
    ],
    [
      "map is not a function",
      [
        [E, "e.items.map is not a function"],
        [E, "t.items.map is not a function. (In 't.items.map(x)', 't.items.map' is undefined)"],
        [E, "undefined is not a function (evaluating 't.items.map(x)')"],
      ],
    ],
    [
      "total is not defined",
      [
        ["ReferenceError", "total is not defined"],
        ["ReferenceError", "Can't find variable: total"],
      ],
    ],
    [
      "Unexpected token in JSON",
      [
        ["SyntaxError", `Unexpected token '<', "<!doctype "... is not valid JSON`],
        ["SyntaxError", "JSON.parse: unexpected character at line 1 column 1 of the JSON data"],
        ["SyntaxError", "JSON Parse error: Unrecognized token '<'"],
      ],
    ],
    [
      "Failed to fetch",
      [
        [E, "Failed to fetch"],
        [E, "NetworkError when attempting to fetch resource."],
        [E, "Load failed"],
      ],
    ],
    [
      "Maximum call stack size exceeded",
      [
        ["RangeError", "Maximum call stack size exceeded"],
        ["InternalError", "too much recursion"],
      ],
    ],
  ])("%s", (value, texts) => {
    const type = canonicalMessage({ type: texts[0]?.[0] ?? "", value: texts[0]?.[1] ?? "" }).type;
    for (const [kind, text] of texts) expect(canonicalMessage({ type: kind, value: text })).toEqual({ type, value });
  });

  test("is quick on long and nasty texts", () => {
    const start = process.hrtime.bigint();
    for (const piece of ["a.", "'", "undefined is not an object (evaluating 'a.", "(In ", "a is not a function. (In '"])
      canonicalMessage({ type: E, value: piece.repeat(20_000) });
    expect(Number(process.hrtime.bigint() - start) / 1e6).toBeLessThan(500);
  });
});

describe("one family", () => {
  const recursion = (...cycle: string[]) =>
    thrown(
      "RangeError",
      "Maximum call stack size exceeded",
      Array.from({ length: 40 }, (_, i) => cycle[i % cycle.length] ?? ""),
    );
  test.each<[string, CapturedEvent, CapturedEvent]>([
    ["a recursion caught at another function", recursion("walk", "visit"), recursion("visit", "walk")],
    ["below a wrapper", thrown("Error", "no", ["load"]), thrown("Error", "no", ["invariant", "load"])],
    [
      "a chunk of two builds",
      thrown("ChunkLoadError", "Loading chunk 12 failed.", ["a"]),
      thrown("TypeError", "Failed to fetch dynamically imported module: https://x/b.js", ["b"]),
    ],
    [
      "a database that is down",
      thrown("Error", "connect ECONNREFUSED 127.0.0.1:5432", ["a"]),
      thrown("Error", "connect ECONNREFUSED ::1:5432", ["b"]),
    ],
    [
      "a timeout of one function",
      thrown("Error", "Timeout of 3000ms exceeded"),
      thrown("TimeoutError", "the request timed out"),
    ],
    [
      "a callback in Chrome and in Firefox",
      thrown("Error", "x", ["", "total"], { platform: "browser" }),
      thrown("Error", "x", ["total/<"], { platform: "browser" }),
    ],
    [
      "a minified name of two builds",
      buildEvent({
        platform: "browser",
        exception: { type: "Error", value: "x", frames: [{ file: "/a/app-BxYzQwEr.js", function: "t", inApp: true }] },
      }),
      buildEvent({
        platform: "browser",
        exception: { type: "Error", value: "x", frames: [{ file: "/a/app-CaBdRtUi.js", function: "n", inApp: true }] },
      }),
    ],
  ])("%s", (_what, one, other) => {
    expect(family(one)).toBe(family(other));
  });

  test.each<[string, CapturedEvent, CapturedEvent]>([
    [
      "two databases",
      thrown("Error", "connect ECONNREFUSED 127.0.0.1:5432"),
      thrown("Error", "connect ECONNREFUSED 127.0.0.1:6379"),
    ],
    ["timeouts of two functions", thrown("Error", "timed out", ["a"]), thrown("Error", "timed out", ["b"])],
    ["wrapped by one wrapper", thrown("Error", "no", ["invariant", "a"]), thrown("Error", "no", ["invariant", "b"])],
  ])("but not %s", (_what, one, other) => {
    expect(family(one)).not.toBe(family(other));
  });

  test("strict has what a recursion repeats once, however deep it was", () => {
    const deep = (n: number) =>
      fingerprint(thrown("Error", "x", [...Array.from({ length: n }, (_, i) => (i % 2 ? "a" : "b")), "main"])).strict;
    expect(deep(6)).toBe(deep(60));
  });
});

describe("rules of the configuration", () => {
  const rule = { type: "Http*", file: "*/src/*", fingerprint: ["the gateway"] };
  test("the first that matches makes the fingerprint; all it names must match", () => {
    const one = thrown("HttpError", "503");
    expect(fingerprint(one, [rule])).toMatchObject({ why: "rule: the gateway" });
    expect(fingerprint(one, [rule]).family).toBe(fingerprint(thrown("HttpFault", "404", ["b"]), [rule]).family);
    expect(ruleFor(thrown("Error", "503"), [rule])).toBeNull();
    expect(ruleFor(one, [{ function: "other", fingerprint: ["x"] }])).toBeNull();
    const cause: Exception = { type: "HttpError", value: "", frames: one.exception.frames };
    expect(ruleFor(thrown("Error", "x", ["a"], { causes: [cause] }), [rule])).toBe(rule);
  });

  test.each([
    ["a*c", "abc", true],
    ["a*c", "abcd", false],
    ["*", "", true],
    ["a*a", "a", false],
    ["*b*", "abc", true],
    ["*b*c", "ac", false],
    ["a.c", "abc", false],
  ])("glob %s on %s", (glob, text, matches) => {
    expect(globMatches(glob, text)).toBe(matches);
  });
});

test("an issue that began under algorithm 1 goes on under its id, and says why by the current one", async () => {
  const stores = await openEmbeddedStores(tempFolder(), testClock());
  onTestFinished(() => stores.close());
  const old = { algorithm: 1, family: familyV1(thrown("Error", "no")), strict: "s", why: "as it was" };
  const { issue } = await stores.issues.digest(thrown("Error", "no"), old);
  const print = fingerprint(thrown("Error", "no"));
  expect(stores.issueIdOf(issue.project, issue.service, print)).toBe(issue.id);
  const again = await stores.issues.digest(thrown("Error", "no"), print);
  expect(again).toMatchObject({ isNew: false, issue: { id: issue.id, count: 2, fingerprint: { algorithm: 2 } } });
  expect(await stores.issues.list()).toHaveLength(1);
});
