import { lint } from "../lint.mjs";
import { observe, packageRequire } from "../observe.mjs";

const run = (code) => () => lint(packageRequire, "./lib/rules/button-has-type.js", code);

await observe({
  none: run("<button type />"),
  plain: run("<button type='submit' />"),
  wrong: run("<button type='foo' />"),
  missing: run("<button />"),
  dynamic: run("<button type={x} />"),
  ternary: run("<button type={x ? 'button' : 'submit'} />"),
  create: run("React.createElement('button', {type: 'foo'})"),
  spread: run("React.createElement('button', {...p})"),
});
