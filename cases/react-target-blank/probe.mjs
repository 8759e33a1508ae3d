import { lint } from "../lint.mjs";
import { observe, packageRequire } from "../observe.mjs";

const run =
  (code, ...options) =>
  () =>
    lint(packageRequire, "./lib/rules/jsx-no-target-blank.js", code, options);

await observe({
  noValue: run('<a target="_blank" href />'),
  noValueAlways: run('<a target="_blank" href />', { enforceDynamicLinks: "always" }),
  external: run('<a target="_blank" href="http://example.com" />'),
  safe: run('<a target="_blank" rel="noreferrer" href="http://example.com" />'),
  relative: run('<a target="_blank" href="/here" />'),
  dynamic: run('<a target="_blank" href={link} />'),
  dynamicNever: run('<a target="_blank" href={link} />', { enforceDynamicLinks: "never" }),
  noTarget: run("<a href />"),
  targetWithoutValue: run('<a target href="http://example.com" />'),
  spread: run('<a {...props} target="_blank" href />', { warnOnSpreadAttributes: true }),
});
