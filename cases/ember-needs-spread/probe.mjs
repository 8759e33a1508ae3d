import { lint } from "../lint.mjs";
import { observe, packageRequire } from "../observe.mjs";

const run =
  (code, ...options) =>
  () =>
    lint(packageRequire, "./lib/rules/avoid-using-needs-in-controllers.js", code, options);

await observe({
  crash: run("export default Controller.extend({ ...other });"),
  crashNeeds: run('export default Controller.extend({ ...other, needs: ["a"] });'),
  needs: run('export default Controller.extend({ needs: ["a"] });'),
  reopen: run('Controller.reopenClass({ ...other, needs: ["a"] });'),
  none: run("export default Controller.extend({});"),
  computed: run('export default Controller.extend({ ["needs"]: 1, other: 2 });'),
  component: run('export default Component.extend({ needs: ["a"] });'),
  empty: run("export default Controller.extend();"),
});
