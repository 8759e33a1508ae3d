import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const SVGO = require("./lib/svgo.js");
const { data } = await new SVGO().optimize("<svg><g><path d='M0 0L1 1'/></g></svg>");
console.log(data);
