import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const { Linter } = require("eslint");
const linter = new Linter();
linter.defineRule("rule", require("./lib/rules/avoid-using-needs-in-controllers.js"));
const messages = linter.verify(
  "export default Controller.extend({ ...other, needs: [] });",
  {
    rules: { rule: "error" },
    parserOptions: { ecmaVersion: 2018, sourceType: "module" },
  },
  { filename: "app/controllers/a.js" },
);
console.log(messages.length);
