import { lint } from "../lint.mjs";
import { observe, packageRequire } from "../observe.mjs";

const run =
  (code, ...options) =>
  () =>
    lint(packageRequire, "./lib/rules/newline-after-import.js", code, options);

await observe({
  empty: run('import stub from "./a.js";\n\nexport {}'),
  emptyNear: run('import stub from "./a.js";\nexport {}'),
  value: run('import stub from "./a.js";\nexport const a = 1;'),
  far: run('import stub from "./a.js";\n\nexport const a = 1;'),
  code: run('import a from "a";\nfoo();'),
  two: run('import a from "a";\nimport b from "b";\n\nfoo();'),
  lines: run('import a from "a";\n\nfoo();', { count: 2 }),
  from: run('import a from "a";\nexport { b } from "b";'),
});
