import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const { Linter } = require("eslint");
const linter = new Linter();
linter.defineRule("rule", require("./lib/rules/jsx-max-depth.js"));
const messages = linter.verify(`const x = <a>{<b />}</a>; <div>{x}</div>`, {
  rules: { rule: ["error", { max: 2 }] },
  parserOptions: { ecmaVersion: 2020, sourceType: "module", ecmaFeatures: { jsx: true } },
  settings: { react: { version: "16.9" } },
});
console.log(messages.length);
