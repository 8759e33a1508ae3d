import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const { lint } = require("./lib/index.js");
const code = "a { color: var(); }";
const { results } = await lint({ code, config: { rules: { "custom-property-pattern": "foo-.+" } } });
console.log(results[0].warnings.length);
