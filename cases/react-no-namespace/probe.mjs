import { lint } from "../lint.mjs";
import { observe, packageRequire } from "../observe.mjs";

const run = (code) => () => lint(packageRequire, "./lib/rules/no-namespace.js", code);

await observe({
  number: run("React.createElement(42)"),
  nothing: run("React.createElement(null)"),
  flag: run("React.createElement(true)"),
  pattern: run("React.createElement(/a:b/)"),
  plain: run('React.createElement("div")'),
  namespaced: run('React.createElement("ns:div", {})'),
  variable: run("React.createElement(name)"),
  jsx: run("<ns:div />"),
  jsxPlain: run("<div><Object.Tag /></div>"),
  empty: run("React.createElement()"),
});
