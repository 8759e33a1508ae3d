import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const { lint } = require("./lib/index.js");
const code = "@font-face { /* note */ src: url(x); }";
const { results } = await lint({
  code,
  config: { rules: { "at-rule-property-requirelist": { "font-face": ["font-display"] } } },
});
console.log(results[0].warnings.length);
