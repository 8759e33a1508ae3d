import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const { Linter } = require("eslint");
const linter = new Linter();
linter.defineRule("rule", require("./lib/rules/route-path-style.js"));
const messages = linter.verify(
  "Router.map(function () { this.route(); });",
  {
    rules: { rule: "error" },
    parserOptions: { ecmaVersion: 2018, sourceType: "module" },
  },
  { filename: "app/router.js" },
);
console.log(messages.length);
