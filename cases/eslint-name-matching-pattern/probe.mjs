import { lintCore } from "../lint.mjs";
import { observe, packageRequire } from "../observe.mjs";

const run =
  (code, ...options) =>
  () =>
    lintCore(packageRequire, "func-name-matching", code, options);

await observe({
  crash: run("({a} = function foo() {});"),
  array: run("[a] = function foo() {};"),

  plain: run("a = function foo() {};"),
  right: run("foo = function foo() {};"),
  member: run("a.b = function foo() {};"),
  memberRight: run("a.b = function b() {};"),
  computed: run('a["b"] = function foo() {};'),
  never: run("a = function a() {};", "never"),
  property: run("x = { a: function b() {} };"),
});
