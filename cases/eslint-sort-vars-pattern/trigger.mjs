import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const api = require("./lib/api.js");
const linter = api.linter ?? new api.Linter();
const messages = linter.verify("var {b} = x, a, c;", {
  rules: { "sort-vars": ["error", { ignoreCase: true }] },
  parserOptions: { ecmaVersion: 2018, sourceType: "module" },
});
for (const message of messages) console.log(message.line, message.column, message.message);
