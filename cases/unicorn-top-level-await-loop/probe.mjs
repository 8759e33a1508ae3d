import { lint } from "../lint.mjs";
import { observe, packageRequire } from "../observe.mjs";

const run =
  (code, ...options) =>
  () =>
    lint(packageRequire, "./rules/prefer-top-level-await.js", code, options);

await observe({
  loop: run('for (const statement of statements) {\n  statement("@book");\n}'),
  loopIn: run("for (const s in t) { s(); }"),
  async: run("const f = async () => {}; f();"),
  declared: run("async function f() {} f();"),
  iife: run("(async () => {})();"),
  promise: run("p.then(f);"),
  plain: run("const f = () => {}; f();"),
  let: run("let f; f();"),
});
