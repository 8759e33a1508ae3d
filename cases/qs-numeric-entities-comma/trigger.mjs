import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const qs = require("./lib/index.js");
console.log(qs.parse("b&a[]=1,&#9786;", { comma: true, charset: "iso-8859-1", interpretNumericEntities: true }));
