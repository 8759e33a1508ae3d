import { describe, expect, it } from "vitest";
import { capturedValues } from "../../../src/repair/reproduction/capturedValues.ts";
import { plainValue } from "../../../src/repair/reproduction/probe/shape.ts";

describe("captured variables", () => {
  it.each<[string, string, unknown, boolean]>([
    ["JSON", '{"a":[1,"x",null,true]}', { a: [1, "x", null, true] }, true],
    ["undefined as a word", "undefined", undefined, true],
    ["Sentry's undefined", '"<undefined>"', undefined, true],
    ["Sentry's null", '{"a":"<null>"}', { a: null }, true],
    ["an object that was not gone into", '{"a":"<Object>"}', { a: {} }, false],
    ["ours", '{"a":"[Object]","b":"[Array]"}', { a: {}, b: [] }, false],
    ["an instance", '"[Map: 3]"', {}, false],
    ["a scrubbed text", '{"token":"[scrubbed:secret]"}', { token: "a" }, false],
    ["a cut text", '"once upon a ti…"', "a", false],
    ["JSON that was cut", '{"a":[1,2', undefined, false],
    [
      "an instance of a class, of which only the fields are known",
      '{"<class>":"Cart","items":[1]}',
      { items: [1] },
      false,
    ],
    ["an object that was cut", '{"a":1,"…":"more…"}', { a: 1 }, false],
    ["a list that was cut", '[1,"949 more…"]', [1, "a"], false],
    ["what JSON has no word for", '["[NaN]","[BigInt]","[Getter]","[Proxy]"]', [{}, {}, {}, {}], false],
    ["a long list that was not gone into", '"[Array(500)]"', [], false],
    ["a circle", '{"self":"[Circular]"}', { self: "a" }, false],
    ["no prototype is set", '{"__proto__":{"x":1},"b":1}', { b: 1 }, true],
  ])("%s", (_name, text, value, isWhole) => {
    const read = capturedValues({ it: text }).get("it");
    expect(read?.isWhole).toBe(isWhole);
    expect(read && plainValue(read.shape)).toEqual(value);
  });
});
