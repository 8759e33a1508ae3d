import { lint } from "../lint.mjs";
import { observe, packageRequire } from "../observe.mjs";

const run = (code) => () => lint(packageRequire, "./lib/rules/jsx-fragments.js", code);

await observe({
  self: run("<React.Fragment />"),
  open: run("<React.Fragment><a /></React.Fragment>"),
  keyed: run("<React.Fragment key='a'><b /></React.Fragment>"),
  short: run("<><a /></>"),
  other: run("<Foo.Fragment />"),
  nested: run("<p><React.Fragment>x</React.Fragment></p>"),
  spread: run("<React.Fragment {...x} />"),
});
