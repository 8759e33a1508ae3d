import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const sanitize = require("./index.js");
console.log(sanitize("!<__proto__>!"));
