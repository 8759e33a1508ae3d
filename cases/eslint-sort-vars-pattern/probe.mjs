import { lintCore } from "../lint.mjs";
import { observe, packageRequire } from "../observe.mjs";

const run =
  (code, ...options) =>
  () =>
    lintCore(packageRequire, "sort-vars", code, options);

await observe({
  crash: run("var {b} = x, a, c;", { ignoreCase: true }),
  crashWrong: run("var {b} = x, c, a;", { ignoreCase: true }),
  crashArray: run("var [b] = x, C, a;", { ignoreCase: true }),
  withoutCase: run("var {b} = x, a, c;"),
  wrongAfter: run("var {b} = x, c, a;"),
  array: run("var [b] = x, c, a;"),
  middle: run("var a, {x} = y, c;"),
  middleWrong: run("var c, {x} = y, a;"),
  plain: run("var b, a;"),
  right: run("var a, b;"),
  only: run("var {a} = x;"),
  two: run("var {a} = x, [b] = y;"),
  ignoreCase: run("var A, b, C, {d} = x, a;", { ignoreCase: true }),
});
