import { observe, packageRequire } from "../observe.mjs";

const qs = packageRequire("./lib/index.js");

await observe({
  crash: () => qs.stringify({ a: { 1: "x" } }, { filter: ["a", 1], allowDots: true, encodeDotInKeys: true }),
  noDots: () => qs.stringify({ a: { 1: "x" } }, { filter: ["a", 1] }),
  dots: () => qs.stringify({ a: { "b.c": "x" } }, { filter: ["a", "b.c"], allowDots: true, encodeDotInKeys: true }),
  other: () => qs.stringify({ a: { 1: "x" }, b: 2 }, { filter: ["a"], allowDots: true, encodeDotInKeys: true }),
  list: () => qs.stringify({ a: ["x", "y"] }, { allowDots: true, encodeDotInKeys: true }),
  plain: () => qs.stringify({ a: { b: 1 } }, { allowDots: true }),
  deep: () => qs.stringify({ a: { 1: { 2: "x" } } }, { filter: ["a", 1, 2], allowDots: true, encodeDotInKeys: true }),
});
