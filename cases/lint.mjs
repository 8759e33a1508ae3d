// For the cases that are ESLint rules: runs one rule over a text. `parser`: a package that the case installs.
export function lint(require, file, code, options = [], parser = null) {
  const { Linter } = require("eslint");
  const linter = new Linter();
  linter.defineRule("rule", require(file));
  if (parser !== null) linter.defineParser(parser, require(parser));
  const messages = linter.verify(
    code,
    {
      ...(parser !== null && { parser }),
      rules: { rule: ["error", ...options] },
      parserOptions: { ecmaVersion: 2018, sourceType: "module", ecmaFeatures: { jsx: true } },
      settings: { react: { version: "16.9" } },
    },
    { filename: parser === null ? "test.js" : "test.vue" },
  );
  return messages.map((m) => `${m.line}:${m.column} ${m.message} ${JSON.stringify(m.fix ?? null)}`);
}

// For the cases that are ESLint's own rules: what one rule says of a text.
export function lintCore(require, rule, code, options = [], parser = null) {
  const api = require("./lib/api.js");
  const linter = api.linter ?? new api.Linter();
  if (parser !== null) linter.defineParser(parser, require(parser));
  const messages = linter.verify(code, {
    ...(parser !== null && { parser }),
    rules: { [rule]: ["error", ...options] },
    parserOptions: { ecmaVersion: parser === null ? 2018 : 2022, sourceType: "module" },
  });
  return messages.map((m) => `${m.line}:${m.column} ${m.message} ${JSON.stringify(m.fix ?? null)}`);
}
