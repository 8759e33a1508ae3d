// For the cases that are ESLint rules: runs one rule over a text.
export function lint(require, file, code, options = []) {
  const { Linter } = require("eslint");
  const linter = new Linter();
  linter.defineRule("rule", require(file));
  const messages = linter.verify(code, {
    rules: { rule: ["error", ...options] },
    parserOptions: { ecmaVersion: 2020, sourceType: "module", ecmaFeatures: { jsx: true } },
    settings: { react: { version: "16.9" } },
  });
  return messages.map((m) => `${m.line}:${m.column} ${m.message} ${JSON.stringify(m.fix ?? null)}`);
}
