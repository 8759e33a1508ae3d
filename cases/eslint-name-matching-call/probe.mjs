import { lintCore } from "../lint.mjs";
import { observe, packageRequire } from "../observe.mjs";

const run =
  (code, ...options) =>
  () =>
    lintCore(packageRequire, "func-name-matching", code, options);

await observe({
  crash: run("foo({ value: function bar() {} });", "always", { considerPropertyDescriptor: true }),
  nested: run("a.b(c({ value: function bar() {} }));", "always", { considerPropertyDescriptor: true }),
  immediate: run("(function () {})({ value: function bar() {} });", "always", { considerPropertyDescriptor: true }),
  define: run('Object.defineProperty(foo, "bar", { value: function baz() {} });', "always", {
    considerPropertyDescriptor: true,
  }),
  defineRight: run('Object.defineProperty(foo, "bar", { value: function bar() {} });', "always", {
    considerPropertyDescriptor: true,
  }),
  defines: run("Object.defineProperties(foo, { bar: { value: function baz() {} } });", "always", {
    considerPropertyDescriptor: true,
  }),
  reflect: run('Reflect.defineProperty(foo, "bar", { value: function baz() {} });', "always", {
    considerPropertyDescriptor: true,
  }),
  create: run("Object.create(p, { bar: { value: function baz() {} } });", "always", {
    considerPropertyDescriptor: true,
  }),
  plain: run("var foo = function bar() {};"),
  callPlain: run("foo({ value: function bar() {} });"),
});
