import { lint } from "../lint.mjs";
import { observe, packageRequire } from "../observe.mjs";

const run = (code) => () => lint(packageRequire, "./lib/rules/jsx-no-script-url.js", code);

await observe({
  none: run("<a href />"),
  script: run("<a href='javascript:void(0)' />"),
  plain: run("<a href='/x' />"),
  dynamic: run("<a href={x} />"),
  number: run("<a href={1} />"),
  other: run("<Foo to='javascript:' />"),
  upper: run("<a href='JAVASCRIPT:x' />"),
});
