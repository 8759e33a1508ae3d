import { lint } from "../lint.mjs";
import { observe, packageRequire } from "../observe.mjs";

const run =
  (code, ...options) =>
  () =>
    lint(packageRequire, "./rules/prefer-query-selector.js", code, options);

await observe({
  none: run("document.getElementById();"),
  tag: run("document.getElementsByTagName();"),
  other: run("document.getElement();"),
  string: run('document.querySelector("#a");'),
  foreign: run('foo("a");'),
  literal: run('x.querySelectorAll("a");'),
  nothing: run("a.b;"),
});
