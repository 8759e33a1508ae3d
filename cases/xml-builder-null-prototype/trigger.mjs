import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const { XMLBuilder } = require("./src/fxp.js");
console.log(new XMLBuilder({}).build({ a: Object.assign(Object.create(null), { b: 1 }) }));
