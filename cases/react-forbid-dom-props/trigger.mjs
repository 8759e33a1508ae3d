import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const { Linter } = require("eslint");
const linter = new Linter();
linter.defineRule("rule", require("./lib/rules/forbid-dom-props.js"));
const messages = linter.verify("<svg:circle id='a' />", {
  rules: { rule: ["error", { forbid: ["id"] }] },
  parserOptions: { ecmaVersion: 2020, sourceType: "module", ecmaFeatures: { jsx: true } },
  settings: { react: { version: "16.9" } },
});
console.log(messages.length);
