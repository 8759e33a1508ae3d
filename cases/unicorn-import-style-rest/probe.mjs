import { lint } from "../lint.mjs";
import { observe, packageRequire } from "../observe.mjs";

const run =
  (code, ...options) =>
  () =>
    lint(packageRequire, "./rules/import-style.js", code, options);

await observe({
  rest: run('const { a, ...b } = require("util");'),
  onlyRest: run('const { ...b } = require("util");'),
  named: run('const { promisify } = require("util");'),
  namespace: run('const util = require("util");'),
  path: run('const { join } = require("path");'),
  imported: run('import { red } from "chalk";'),
  whole: run('import chalk from "chalk";'),
  other: run('const { a, ...b } = require("./c");'),
});
