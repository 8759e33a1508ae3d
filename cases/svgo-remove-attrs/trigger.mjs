import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const { optimize } = require("./lib/svgo.js");
const svg = '<svg xmlns="http://www.w3.org/2000/svg"><path fill="red" d="M0 0"/></svg>';
const result = optimize(svg, { plugins: ["removeAttrs"] });
if (result.modernError !== undefined) throw result.modernError;
console.log(result.data);
