import { describe, expect, it } from "vitest";
import { outsideCause, readCrash } from "../../../src/repair/javascript/crashKinds.ts";

const read = (value: string, type = "TypeError") => readCrash({ type, value });

describe("readCrash", () => {
  it.each([
    ["Cannot read properties of undefined (reading 'city')", { kind: "read", member: "city" }],
    ["Cannot read properties of null (reading '0')", { kind: "read", member: "0" }],
    ["Cannot read property 'city' of undefined", { kind: "read", member: "city" }],
    [
      "Cannot read properties of undefined (reading 'type')\nOccurred while linting a.js:1",
      { kind: "read", member: "type" },
    ],
    ["Cannot set properties of undefined (setting 'x')", { kind: "write", member: "x" }],
    ["Cannot destructure property 'x' of 'a.b' as it is undefined.", { kind: "destructure", member: "x" }],
    ["logger[level] is not a function", { kind: "notFunction", callee: "logger[level]" }],
    ["items.map(...).foo is not a function", { kind: "notFunction", callee: "items.map(...).foo" }],
    ["a.b is not iterable", { kind: "notIterable", subject: "a.b" }],
    [
      "undefined is not iterable (cannot read property Symbol(Symbol.iterator))",
      { kind: "notIterable", subject: null },
    ],
    ["Spread syntax requires ...iterable[Symbol.iterator] to be a function", { kind: "notIterable", subject: null }],
    ["zork is not defined", { kind: "notDefined", name: "zork" }],
    ["Cannot convert undefined or null to object", { kind: "nullToObject" }],
    ["Cannot use 'in' operator to search for 'x' in undefined", { kind: "in", member: "x" }],
    ["Reduce of empty array with no initial value", { kind: "emptyReduce" }],
    ["Assignment to constant variable.", { kind: "constAssign" }],
    ["Class constructor Shop cannot be invoked without 'new'", { kind: "needsNew", name: "Shop" }],
    ["Invalid URL", { kind: "invalidUrl" }],
    ["Unexpected end of JSON input", { kind: "json" }],
    ['"undefined" is not valid JSON', { kind: "json" }],
    ["Invalid time value", { kind: "invalidTime" }],
    ["Invalid count value: -1", { kind: "range", of: "count" }],
    ["toFixed() digits argument must be between 0 and 100", { kind: "range", of: "digits" }],
    ["Cannot convert a Symbol value to a string", { kind: "toString" }],
    ['The "path" argument must be of type string. Received undefined', { kind: "argument", name: "path" }],
    ["something else entirely", { kind: "other" }],
  ])("%s", (message, crash) => {
    expect(read(message)).toEqual(crash);
  });
});

describe("outsideCause", () => {
  it.each([
    ["connect ECONNREFUSED 127.0.0.1:5432", "ECONNREFUSED"],
    ["getaddrinfo ENOTFOUND api.example.com", "ENOTFOUND"],
    ["socket hang up", "socket hang up"],
    ["Cannot find module 'left-pad'", "Cannot find module"],
    ["Cannot read properties of undefined (reading 'x')", null],
  ])("%s", (value, word) => {
    expect(outsideCause({ type: "Error", value })).toBe(word);
  });
});
