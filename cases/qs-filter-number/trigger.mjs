import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const qs = require("./lib/index.js");
console.log(qs.stringify({ a: { 1: "x" } }, { filter: ["a", 1], allowDots: true, encodeDotInKeys: true }));
