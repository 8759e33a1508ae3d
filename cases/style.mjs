// For the cases that are stylelint rules: what one rule says of a text.
export async function style(require, rule, setting, code, fix = false) {
  const { results, output } = await require("./lib/index.js").lint({
    code,
    fix,
    config: { rules: { [rule]: setting } },
  });
  return [...results[0].warnings.map((w) => `${w.line}:${w.column} ${w.text}`), ...(fix ? [output] : [])];
}
