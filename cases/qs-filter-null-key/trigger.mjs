import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const qs = require("./lib/index.js");
console.log(qs.stringify({ a: { b: "1", null: "2" } }, { filter: ["a", "b", null] }));
