import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const log4js = require("./lib/log4js.js");
log4js.configure({
  appenders: { out: { type: "stdout" } },
  categories: { default: { appenders: ["out"], level: "error" } },
});
log4js.shutdown();
