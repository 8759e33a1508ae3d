import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const { Linter } = require("eslint");
const linter = new Linter();
linter.defineRule("rule", require("./lib/rules/no-async-in-computed-properties.js"));
linter.defineParser("vue-eslint-parser", require("vue-eslint-parser"));
const code = "<script>\nexport default { methods: { foo() { if (this.a) return; } } }\n</script>";
const messages = linter.verify(
  code,
  {
    parser: "vue-eslint-parser",
    rules: { rule: "error" },
    parserOptions: { ecmaVersion: 2018, sourceType: "module", ecmaFeatures: { jsx: true } },
    settings: { react: { version: "16.9" } },
  },
  { filename: "test.vue" },
);
console.log(messages.length);
