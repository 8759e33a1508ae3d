import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const { Linter } = require("eslint");
const linter = new Linter();
linter.defineRule("rule", require("./lib/rules/button-has-type.js"));
const messages = linter.verify("<button type />", {
  rules: { rule: "error" },
  parserOptions: { ecmaVersion: 2020, sourceType: "module", ecmaFeatures: { jsx: true } },
  settings: { react: { version: "16.9" } },
});
console.log(messages.length);
