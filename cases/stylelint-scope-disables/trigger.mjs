import { createRequire } from "node:module";

const report = createRequire(import.meta.url)("./lib/invalidScopeDisables.js");
const results = [
  {
    source: "a.css",
    _postcssResult: { stylelint: { disabledRanges: { all: [], color: [{ start: 1, end: 2, strictStart: true }] } } },
  },
];
console.log(JSON.stringify(report(results)));
