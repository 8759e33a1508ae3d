import { lint } from "../lint.mjs";
import { observe, packageRequire } from "../observe.mjs";

const run = (code) => () => lint(packageRequire, "./lib/rules/new-module-imports.js", code);

await observe({
  crash: run("switch (x) { case 1: var a = b; }"),
  crashDestructured: run("switch (x) { case 1: var { a } = b; }"),
  ember: run("const { computed } = Ember;"),
  emberBlock: run("function f() { if (x) { const { computed } = Ember; } }"),
  emberCase: run("switch (x) { case 1: var { computed } = Ember; }"),
  imported: run('import E from "ember"; const { computed } = E;'),
  importedElsewhere: run('import E from "other"; const { computed } = E;'),
  member: run("export default Ember.Component.extend({});"),
  plain: run("const a = b;"),
});
