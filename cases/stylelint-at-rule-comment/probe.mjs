import { observe, packageRequire } from "../observe.mjs";
import { style } from "../style.mjs";

const run =
  (code, setting = { "font-face": ["font-display"] }) =>
  () =>
    style(packageRequire, "at-rule-property-requirelist", setting, code);

await observe({
  comment: run("@font-face { /* note */ src: url(x); }"),
  only: run("@font-face { /* note */ }"),
  right: run("@font-face { font-display: swap; }"),
  rightComment: run("@font-face { /* note */ font-display: swap; }"),
  wrong: run("@font-face { src: url(x); }"),
  empty: run("@font-face {}"),
  other: run("@media print { a { top: 0 } }"),
});
