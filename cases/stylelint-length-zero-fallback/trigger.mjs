import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const { lint } = require("./lib/index.js");
const code = "a { font: var(--foo, bold 0/1); }";
const { results } = await lint({ code, config: { rules: { "length-zero-no-unit": true } } });
console.log(results[0].warnings.length);
