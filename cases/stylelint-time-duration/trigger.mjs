import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const { lint } = require("./lib/index.js");
const code = "a { animation: foo; }";
const { results } = await lint({ code, config: { rules: { "time-min-milliseconds": [100, { ignore: ["delay"] }] } } });
console.log(results[0].warnings.length);
