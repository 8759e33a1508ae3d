import { observe, packageRequire } from "../observe.mjs";

const qs = packageRequire("./lib/index.js");

await observe({
  crash: () => qs.stringify({ a: { b: "1", null: "2" } }, { filter: ["a", "b", null] }),
  deep: () => qs.stringify({ a: { b: { c: 1 } } }, { filter: ["a", null, "b", "c"] }),
  keys: () => qs.stringify({ a: { b: "1", c: 2 } }, { filter: ["a", "b"] }),
  function: () => qs.stringify({ a: { b: "1" } }, { filter: (_k, v) => v }),
  list: () => qs.stringify({ a: [1, 2, { b: 3 }] }),
  dates: () => qs.stringify({ a: new Date(0) }),
  dots: () => qs.stringify({ a: { "b.c": 1 } }, { allowDots: true, encodeDotInKeys: true }),
  nulls: () => qs.stringify({ a: null, b: { c: null } }, { skipNulls: true }),
});
