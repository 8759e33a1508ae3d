import { observe, packageRequire } from "../observe.mjs";

const autoprefixer = packageRequire("./lib/autoprefixer.js");
const postcss = packageRequire("postcss");
const run =
  (css, grid = true) =>
  () => {
    const plugin = autoprefixer({ overrideBrowserslist: ["ie 10", "ie 11", "chrome 20"], grid });
    const result = postcss([plugin]).process(css, { from: undefined });
    return [result.css, ...result.warnings().map((w) => w.text)];
  };

await observe({
  crash: run("a { /* aligned */ align-items: center; }"),
  after: run("a { align-items: center; /* aligned */ }"),
  justify: run("a { /* x */ justify-content: end }"),
  gridComment: run("a { /* x */ display: grid; align-items: center; justify-items: end }"),
  rule: run("a { b { color: red } align-items: center }"),
  gap: run("a { grid-gap: 1px; align-items: end }"),
  template: run("a { /* x */ grid-template-columns: 1fr; justify-items: start }"),
  flex: run("a { display: flex; align-self: center }"),
  noGrid: run("a { /* x */ align-self: center }", false),
});
