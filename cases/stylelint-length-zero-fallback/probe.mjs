import { observe, packageRequire } from "../observe.mjs";
import { style } from "../style.mjs";

const run =
  (code, setting = true) =>
  () =>
    style(packageRequire, "length-zero-no-unit", setting, code);

await observe({
  fallback: run("a { font: var(--foo, bold 0/1); }"),
  fallbackSize: run("a { font: var(--foo, bold 12px/0px serif); }"),
  font: run("a { font: 12px/0px serif; }"),
  fallbackZero: run("a { padding: 0 var(--foo, 0) 0px; }"),
  fallbackUnit: run("a { padding: var(--foo, 0px); }"),
  plain: run("a { top: 0px; }"),
  none: run("a { top: 0; }"),
  calc: run("a { top: calc(0px + 1px); }"),
  time: run("a { transition: top 0s; }"),
  several: run("a { margin: 0px 1px 0em; }"),
});
