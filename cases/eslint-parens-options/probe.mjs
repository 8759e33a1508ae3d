import { lintCore } from "../lint.mjs";
import { observe, packageRequire } from "../observe.mjs";

const run =
  (code, ...options) =>
  () =>
    lintCore(packageRequire, "space-in-parens", code, options);

await observe({
  crash: run("foo( a )", "always", {}),
  crashNever: run("foo( a )", "never", {}),
  missing: run("foo(a)", "always", {}),
  plain: run("foo(a)", "always"),
  never: run("foo( a )", "never"),
  exceptions: run("foo({a: 1}); bar(a)", "always", { exceptions: ["{}"] }),
  exceptionsNever: run("foo({a: 1}); bar( a )", "never", { exceptions: ["{}"] }),
  empty: run("foo()", "always", { exceptions: ["empty"] }),
  none: run("foo( a )", "always", { exceptions: [] }),
});
