import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const qs = require("./lib/index.js");
console.log(qs.stringify({ a: [1, null, 2] }, { arrayFormat: "comma", encodeValuesOnly: true }));
