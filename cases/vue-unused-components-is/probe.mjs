import { lint } from "../lint.mjs";
import { observe, packageRequire } from "../observe.mjs";

const run =
  (code, ...options) =>
  () =>
    lint(packageRequire, "./lib/rules/no-unused-components.js", code, options, "vue-eslint-parser");

await observe({
  empty: run(
    '<template><component :is=""></component></template>\n<script>\nexport default { components: { Foo } }\n</script>',
  ),
  text: run(
    "<template><component :is=\"'Foo'\"></component></template>\n<script>\nexport default { components: { Foo } }\n</script>",
  ),
  used: run("<template><foo /></template>\n<script>\nexport default { components: { Foo } }\n</script>"),
  unused: run("<template><div /></template>\n<script>\nexport default { components: { Foo, Bar } }\n</script>"),
  computed: run(
    '<template><component :is="a" /></template>\n<script>\nexport default { components: { Foo } }\n</script>',
  ),
  plainIs: run(
    '<template><component is="foo" /></template>\n<script>\nexport default { components: { Foo } }\n</script>',
  ),
  none: run("<template><div /></template>"),
});
