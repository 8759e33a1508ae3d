import { lint } from "../lint.mjs";
import { observe, packageRequire } from "../observe.mjs";

const run = (code) => () => lint(packageRequire, "./lib/rules/no-typos.js", code);

await observe({
  spread: run("createReactClass({ ...mixin, render() { return null } })"),
  plain: run("createReactClass({ render() { return null } })"),
  typo: run("createReactClass({ componentwillmount() {}, propTypes: { a: PropTypes.String } })"),
  proptypes: run("class A extends React.Component { static PropTypes = 1 }"),
  computed: run("createReactClass({ [x]: 1 })"),
  quoted: run("createReactClass({ 'render'() {} })"),
  empty: run("createReactClass({})"),
  member: run("class A extends React.Component { } A.proptypes = {}"),
});
