import { observe, packageRequire } from "../observe.mjs";

const qs = packageRequire("./lib/index.js");

await observe({
  crash: () => qs.stringify({ a: [1, null, 2] }, { arrayFormat: "comma", encodeValuesOnly: true }),
  undefined: () => qs.stringify({ a: [undefined, 2] }, { arrayFormat: "comma", encodeValuesOnly: true }),
  only: () => qs.stringify({ a: [null] }, { arrayFormat: "comma", encodeValuesOnly: true }),
  full: () => qs.stringify({ a: [1, 2] }, { arrayFormat: "comma", encodeValuesOnly: true }),
  encoded: () => qs.stringify({ a: ["a b", "c,d"] }, { arrayFormat: "comma", encodeValuesOnly: true }),
  names: () => qs.stringify({ a: [1, null] }, { arrayFormat: "comma" }),
  plain: () => qs.stringify({ a: null, b: [1] }),
  objects: () => qs.stringify({ a: { b: [1, 2] } }, { encodeValuesOnly: true }),
});
