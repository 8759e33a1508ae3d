import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const { Linter } = require("eslint");
const linter = new Linter();
linter.defineRule("rule", require("./lib/rules/new-module-imports.js"));
const messages = linter.verify(
  "switch (x) { case 1: var a = b; }",
  {
    rules: { rule: "error" },
    parserOptions: { ecmaVersion: 2018, sourceType: "module" },
  },
  { filename: "app/a.js" },
);
console.log(messages.length);
