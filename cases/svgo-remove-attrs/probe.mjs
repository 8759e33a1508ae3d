import { observe, packageRequire } from "../observe.mjs";

const { optimize } = packageRequire("./lib/svgo.js");

const run = (plugin) => () => {
  const svg = '<svg xmlns="http://www.w3.org/2000/svg"><g stroke="none"><path fill="red" d="M0 0"/></g></svg>';
  const { data, modernError } = optimize(svg, { plugins: [plugin] });
  if (modernError !== undefined) throw modernError;
  return data;
};

await observe({
  none: run("removeAttrs"),
  noneParams: run({ name: "removeAttrs", params: {} }),
  one: run({ name: "removeAttrs", params: { attrs: "fill" } }),
  several: run({ name: "removeAttrs", params: { attrs: ["fill", "stroke"] } }),
  element: run({ name: "removeAttrs", params: { attrs: "path:fill" } }),
  wild: run({ name: "removeAttrs", params: { attrs: "*:(stroke|fill)" } }),
  missing: run({ name: "removeAttrs", params: { attrs: "width" } }),
});
