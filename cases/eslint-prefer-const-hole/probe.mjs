import { lintCore } from "../lint.mjs";
import { observe, packageRequire } from "../observe.mjs";

const run =
  (code, ...options) =>
  () =>
    lintCore(packageRequire, "prefer-const", code, options);

await observe({
  crash: run("let a;\n[, a] = [1, 2];"),
  hole: run("let a, b;\n[a,, b] = [1, 2, 3];"),
  loop: run("for (let [, a] of b) c(a);"),
  plain: run("let a = 1; b(a);"),
  reassigned: run("let a = 1; a = 2;"),
  outer: run("let x; function f() { let a; [x, a] = [1, 2]; }"),
  outerHole: run("let x; function f() { let a; [, x, a] = [1, 2, 3]; }"),
  object: run("let a; ({ a } = b);"),
  all: run("let a, b; [, a, b] = [1, 2, 3]; b = 4;", { destructuring: "all" }),
});
