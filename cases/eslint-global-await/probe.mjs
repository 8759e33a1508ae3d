import { lintCore } from "../lint.mjs";
import { observe, packageRequire } from "../observe.mjs";

const run =
  (code, parser = null) =>
  () =>
    lintCore(packageRequire, "require-await", code, [], parser);

await observe({
  crash: run("await x;", "espree9"),
  globalLoop: run("for await (const a of b) {}", "espree9"),
  between: run("async function f() { await x; } await f(); async function g() {}", "espree9"),
  loop: run("async function f() { for await (const a of b) {} }"),
  crashLoop: run("for (const a of b) {}"),
  wrong: run("async function f() { g(); }"),
  right: run("async function f() { await g(); }"),
  arrow: run("const f = async () => g();"),
  nested: run("async function f() { const g = async () => { await x; }; }"),
  method: run("class A { async m() {} }"),
  loopInside: run("async function f() { for (const a of b) {} }"),
});
