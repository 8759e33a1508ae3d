import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const api = require("./lib/api.js");
const linter = new api.Linter();
linter.defineParser("espree9", require("espree9"));
const messages = linter.verify("await x;", {
  parser: "espree9",
  parserOptions: { ecmaVersion: 2022, sourceType: "module" },
  rules: { "require-await": "error" },
});
for (const message of messages) console.log(message.line, message.column, message.message);
