import { lint } from "../lint.mjs";
import { observe, packageRequire } from "../observe.mjs";

const run =
  (code, ...options) =>
  () =>
    lint(packageRequire, "./lib/rules/jsx-max-depth.js", code, options);

await observe({
  expression: run("const x = <a>{<b />}</a>; <div>{x}</div>", { max: 2 }),
  nested: run("const x = <a>{<b><i /></b>}</a>; <div>{x}</div>", { max: 2 }),
  inList: run("const x = <a>{[1].map(() => <b />)}</a>; <div><p>{x}</p></div>", { max: 2 }),
  list: run("<div>{[<b />, <i><u /></i>]}</div>", { max: 1 }),
  flat: run("<div />", { max: 0 }),
  deep: run("<a><b><c><d /></c></b></a>", { max: 2 }),
  allowed: run("<a><b /></a>", { max: 1 }),
  variable: run("const x = <b><i /></b>; <a>{x}</a>", { max: 1 }),
  fragment: run("<><a><b /></a></>", { max: 1 }),
  call: run("<a>{items.map(i => <b>{i}</b>)}</a>", { max: 1 }),
});
