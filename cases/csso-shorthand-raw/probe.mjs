import { observe, packageRequire } from "../observe.mjs";

const csso = packageRequire("./lib/index.js");
const run = (css) => () => csso.minify(css).css;

await observe({
  crash: run(".a { padding-left: 1px; padding: 1px = 2px; }"),
  bad: run(".a { margin: $x; color: red }"),
  badSide: run(".a { margin-top: 1px = 1px; margin: 2px }"),
  merge: run(".a { margin-top: 1px; margin-right: 1px; margin-bottom: 1px; margin-left: 1px }"),
  override: run(".a { margin: 1px 2px; margin-left: 3px }"),
  important: run(".a { margin-top: 1px !important; margin: 2px }"),
  two: run(".a { padding: 1px 1px 1px 1px } .b { padding: 1px 2px 1px 2px }"),
  hack: run(".a { padding: 1px\\9; padding-left: 2px\\9 }"),
});
