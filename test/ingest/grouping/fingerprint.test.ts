import { describe, expect, test } from "vitest";
import type { CapturedEvent, StackFrame } from "../../../src/domain/event.ts";
import { fingerprint } from "../../../src/ingest/grouping/fingerprint.ts";
import { messageTemplate } from "../../../src/ingest/grouping/messageTemplate.ts";
import { buildEvent } from "../../helpers/eventBuilder.ts";
import { cpuMs } from "../../helpers/patience.ts";

describe("messageTemplate", () => {
  test.each([
    ["Cannot read properties of undefined (reading 'city')", "Cannot read properties of undefined (reading 'city')"],
    ["Cannot set properties of null (setting 'a')", "Cannot set properties of null (setting 'a')"],
    ["Cannot read property 'length' of undefined", "Cannot read property 'length' of undefined"],
    ["x.map is not a function", "x.map is not a function"],
    ["'NoneType' object has no attribute 'id'", "'NoneType' object has no attribute 'id'"],
    ["name 'total' is not defined", "name 'total' is not defined"],
    ["'user_id'", "'user_id'"],
    ["User 'bob' not found", "User <text> not found"],
    ['invalid input syntax for type integer: "abc"', "invalid input syntax for type integer: <text>"],
    ["User 42 not found", "User <number> not found"],
    ["order ord_8f3a2 of 2025-10-09T08:00:00.123Z failed", "order <id> of <time> failed"],
    ["id 0f8fad5b-d9cb-469f-a165-70867728950e is gone", "id <id> is gone"],
    ["GET https://api.example/v1/users/7?x=1 answered 503", "GET <url> answered <number>"],
    [
      "ENOENT: no such file or directory, open '/srv/shop/data/7.json'",
      "ENOENT: no such file or directory, open <text>",
    ],
    ["Cannot find module '/srv/releases/42/src/a.js'", "Cannot find module <text>"],
    ["Cannot find module 'lodash/map'", "Cannot find module 'lodash/map'"],
    ["Unexpected token } in JSON at position 17", "Unexpected token <token> in JSON at position <number>"],
    [`Unexpected token 'h', "hello" is not valid JSON`, "Unexpected token <token>, <text> is not valid JSON"],
    ["connect ECONNREFUSED 127.0.0.1:5432", "connect ECONNREFUSED <ip>:<number>"],
    ["mail to [scrubbed:email] failed", "mail to <email> failed"],
    ["mail to ada@example.org failed", "mail to <email> failed"],
    ["key [scrubbed:api-key] refused", "key <scrubbed> refused"],
    ["no route to 10.1.2.3", "no route to <ip>"],
    ["no route to fe80::1ff:fe23:4567:890a", "no route to <ip>"],
    ["at 12:30:01 it broke", "at <time> it broke"],
    ["bad object abcdefabcdefabcdefab", "bad object <id>"],
    ["com.acme.Order@1f2a is closed", "com.acme.Order@<id> is closed"],
    ["getaddrinfo ENOTFOUND db.eu.example.com", "getaddrinfo ENOTFOUND <host>"],
    ["retry=true cached=null", "retry=<value> cached=<value>"],
    ["Cart.total.map is not a function", "Cart.total.map is not a function"],
    ["took 90 seconds", "took <number> seconds"],
    ["took 12.5ms, not -3e5", "took <number>, not <number>"],
    ["\n\n  first line that says\nsecond", "first line that says"],
    ["can't read it, it's gone", "can't read it, it's gone"],
    ["", ""],
  ])("%j", (message, template) => {
    expect(messageTemplate(message)).toBe(template);
  });

  test("is quick on long and nasty messages", () => {
    const took = cpuMs(() => {
      for (const piece of ["a", "'", "1", "a1-", "/a", "a.b", "http://", "\n", "(reading '"])
        messageTemplate(piece.repeat(50_000));
    });
    expect(took).toBeLessThan(1000);
  });
});

function event(value: string, frames: Partial<StackFrame>[], more: Partial<CapturedEvent> = {}): CapturedEvent {
  const whole = frames.map((frame) => ({ file: "/srv/shop/src/cart.js", inApp: true, ...frame }));
  return buildEvent({ exception: { type: "TypeError", value, frames: whole }, ...more });
}

const family = (given: CapturedEvent) => fingerprint(given).family;
const strict = (given: CapturedEvent) => fingerprint(given).strict;
const READ = "Cannot read properties of undefined (reading 'city')";
const base = event(READ, [{ function: "city", line: 12 }, { function: "ship" }]);

describe("fingerprint: the same problem", () => {
  test.each<[string, CapturedEvent]>([
    [
      "on other lines",
      event(READ, [
        { function: "city", line: 99 },
        { function: "ship", line: 3 },
      ]),
    ],
    ["in another folder", event(READ, [{ function: "city", file: "/app/releases/7/cart.js" }, { function: "ship" }])],
    ["called from elsewhere", event(READ, [{ function: "city" }, { function: "bill" }])],
    [
      "below a library's frame",
      event(READ, [{ function: "map", file: "/n/node_modules/x.js", inApp: false }, { function: "city" }]),
    ],
    ["with a receiver, an alias, async", event(READ, [{ function: "async Object.city [as run]" }])],
  ])("%s", (_what, other) => {
    expect(family(other)).toBe(family(base));
  });

  test.each([
    ["User 1 not found", "User 2 not found"],
    ["GET https://a.example/1", "GET https://b.example/2"],
    ["no 0f8fad5b-d9cb-469f-a165-70867728950e", "no 1f8fad5b-d9cb-469f-a165-70867728950f"],
  ])("%s and %s", (a, b) => {
    expect(family(event(a, [{ function: "f" }]))).toBe(family(event(b, [{ function: "f" }])));
  });

  test("in Chrome and in Firefox", () => {
    const chrome = event("x is not defined", [{ function: "Cart.total", file: "https://s.example/app-1a2b3c4d.js" }], {
      platform: "browser",
    });
    const firefox = event("x is not defined", [{ function: "total/<", file: "https://s.example/app-9f8e7d6c.js" }], {
      platform: "browser",
    });
    expect(family(chrome)).toBe(family(firefox));
  });

  test("of a function without a name, in a bundle with another hash", () => {
    const one = event("x", [{ function: "Object.<anonymous>", file: "/srv/app-1a2b3c4d.js" }]);
    const two = event("x", [{ file: "https://cdn.example/app-9f8e7d6c.js" }]);
    expect(family(one)).toBe(family(two));
  });
});

describe("fingerprint: another problem", () => {
  test.each<[string, CapturedEvent]>([
    ["another property", event("Cannot read properties of undefined (reading 'name')", [{ function: "city" }])],
    ["another function", event(READ, [{ function: "street" }])],
    ["another type", buildEvent({ exception: { ...base.exception, type: "RangeError" } })],
    ["no stack", event(READ, [])],
  ])("%s", (_what, other) => {
    expect(family(other)).not.toBe(family(base));
  });

  test("anonymous functions of two files", () => {
    expect(family(event("x", [{ file: "/srv/a.js" }]))).not.toBe(family(event("x", [{ file: "/srv/b.js" }])));
  });

  test("two causes behind one wrapper", () => {
    const wrapped = (type: string) =>
      family(event("failed", [{ function: "load" }], { causes: [{ type, value: "", frames: [] }] }));
    expect(wrapped("TypeError")).not.toBe(wrapped("RangeError"));
  });
});

test("strict tells call paths apart, not lines", () => {
  expect(
    strict(
      event(READ, [
        { function: "city", line: 12 },
        { function: "ship", line: 1 },
      ]),
    ),
  ).toBe(strict(base));
  expect(strict(event(READ, [{ function: "city" }, { function: "bill" }]))).not.toBe(strict(base));
});

test("says in words what it was computed from, and with which algorithm", () => {
  expect(fingerprint(base)).toMatchObject({ algorithm: 2, why: `TypeError in city: ${READ}` });
  const long = event("word ".repeat(2000), [{ function: "f".repeat(256) }]);
  expect(fingerprint(long).why.length).toBeLessThanOrEqual(512);
});

test("stays the same from one version of selfheal to the next, or the algorithm's number is raised", () => {
  expect(fingerprint(base)).toMatchInlineSnapshot(`
    {
      "algorithm": 2,
      "family": "49ad44617724b0c68aeb8662442f09fa",
      "former": [
        "ef93bc352c20e0edec6d66af384754b5",
      ],
      "strict": "7497f51564af9bd52911e8640ea00d27",
      "why": "TypeError in city: Cannot read properties of undefined (reading 'city')",
    }
  `);
});
