import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const { Linter } = require("eslint");
const linter = new Linter();
linter.defineRule("rule", require("./rules/prefer-query-selector.js"));
const code = "document.getElementById();";
const messages = linter.verify(
  code,
  {
    rules: { rule: "error" },
    parserOptions: { ecmaVersion: 2018, sourceType: "module", ecmaFeatures: { jsx: true } },
    settings: { react: { version: "16.9" } },
  },
  { filename: "test.js" },
);
console.log(messages.length);
