import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const api = require("./lib/api.js");
const linter = api.linter ?? new api.Linter();
const messages = linter.verify("foo( a )", {
  rules: { "space-in-parens": ["error", "always", {}] },
  parserOptions: { ecmaVersion: 2018, sourceType: "module" },
});
for (const message of messages) console.log(message.line, message.column, message.message);
