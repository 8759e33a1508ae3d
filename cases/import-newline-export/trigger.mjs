import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const { Linter } = require("eslint");
const linter = new Linter();
linter.defineRule("rule", require("./lib/rules/newline-after-import.js"));
const code = 'import stub from "./a.js";\n\nexport {}';
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
