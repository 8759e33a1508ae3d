import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const csso = require("./lib/index.js");
console.log(csso.minify(".a { padding-left: 1px; padding: 1px = 2px; }").css);
