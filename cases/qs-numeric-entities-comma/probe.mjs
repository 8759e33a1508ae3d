import { observe, packageRequire } from "../observe.mjs";

const qs = packageRequire("./lib/index.js");

await observe({
  crash: () => qs.parse("b&a[]=1,&#9786;", { comma: true, charset: "iso-8859-1", interpretNumericEntities: true }),
  two: () => qs.parse("a=1,2", { comma: true, charset: "iso-8859-1", interpretNumericEntities: true }),
  entity: () => qs.parse("a=%26%239786%3B", { charset: "iso-8859-1", interpretNumericEntities: true }),
  utf8: () => qs.parse("a=%26%239786%3B", { interpretNumericEntities: true }),
  comma: () => qs.parse("a=1,2", { comma: true }),
  plain: () => qs.parse("a=1&b[c]=2"),
  empty: () => qs.parse("a=", { charset: "iso-8859-1", interpretNumericEntities: true }),
});
