import { lint } from "../lint.mjs";
import { observe, packageRequire } from "../observe.mjs";

const run = (code) => () => lint(packageRequire, "./lib/rules/no-unknown-property.js", code);

await observe({
  method: run("<div toString />"),
  constructor: run("<div constructor={1} />"),
  wrong: run("<div class='a' />"),
  right: run("<div className='a' />"),
  html: run("<label for='x' />"),
  aria: run("<div aria-hidden />"),
  component: run("<Foo class='a' />"),
  event: run("<div onclick={f} />"),
});
