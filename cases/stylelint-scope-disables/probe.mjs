import { observe, packageRequire } from "../observe.mjs";

const report = packageRequire("./lib/invalidScopeDisables.js");
const range = (start, end, strictStart = true) => ({ start, end, strictStart, strictEnd: false });
const results = (ranges) => [{ source: "a.css", _postcssResult: { stylelint: { disabledRanges: ranges } } }];

await observe({
  without: () => report(results({ all: [], color: [range(1, 2)] })),
  undefinedConfig: () => report(results({ all: [range(1, 2)] }), undefined),
  noRules: () => report(results({ all: [], color: [range(1, 2)] }), {}),
  used: () => report(results({ all: [], color: [range(1, 2)] }), { rules: { color: true } }),
  other: () => report(results({ all: [], color: [range(3)] }), { rules: { width: true } }),
  loose: () => report(results({ all: [], color: [range(1, 2, false)] }), { rules: {} }),
  empty: () => report([], undefined),
  ignored: () => report([{ source: "b.css", ignored: true }], { rules: {} }),
});
