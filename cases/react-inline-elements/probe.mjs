import { lint } from "../lint.mjs";
import { observe, packageRequire } from "../observe.mjs";

const run = (code) => () => lint(packageRequire, "./lib/rules/no-adjacent-inline-elements.js", code);

await observe({
  two: run("React.createElement('a', props)"),
  one: run("React.createElement('a')"),
  none: run("React.createElement()"),
  list: run("React.createElement('div', null, [React.createElement('a', null), React.createElement('b', null)])"),
  spaced: run("<p><a /> <b /></p>"),
  adjacent: run("<p><a /><b /></p>"),
  text: run("<p>x<a />y</p>"),
  other: run("createElement('div', {}, ['x'])"),
});
