import { lint } from "../lint.mjs";
import { observe, packageRequire } from "../observe.mjs";

const run =
  (code, ...options) =>
  () =>
    lint(packageRequire, "./lib/rules/require-prop-type-constructor.js", code, options, "vue-eslint-parser");

await observe({
  hole: run("<script>\nexport default { props: { name: [String,,] } }\n</script>"),
  holeType: run("<script>\nexport default { props: { name: { type: [,Number] } } }\n</script>"),
  right: run("<script>\nexport default { props: { name: String } }\n</script>"),
  text: run('<script>\nexport default { props: { name: "String" } }\n</script>'),
  texts: run('<script>\nexport default { props: { name: [String, "Number"] } }\n</script>'),
  typed: run('<script>\nexport default { props: { name: { type: "Object" } } }\n</script>'),
  list: run('<script>\nexport default { props: ["name"] }\n</script>'),
});
