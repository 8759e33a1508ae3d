import { observe, packageRequire } from "../observe.mjs";
import { style } from "../style.mjs";

const run =
  (code, setting = "foo-.+") =>
  () =>
    style(packageRequire, "custom-property-pattern", setting, code);

await observe({
  empty: run("a { color: var(); }"),
  space: run("a { color: var( ); }"),
  right: run("a { color: var(--foo-a); }"),
  wrong: run("a { color: var(--bar); }"),
  fallback: run("a { color: var(--foo-a, var(--bar)); }"),
  declared: run(":root { --bar: 1; --foo-b: 2; }"),
  after: run("a { top: var() var(--bar); }"),
  other: run("a { top: calc(1px + 2px); }"),
});
