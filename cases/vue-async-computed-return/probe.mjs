import { lint } from "../lint.mjs";
import { observe, packageRequire } from "../observe.mjs";

const run =
  (code, ...options) =>
  () =>
    lint(packageRequire, "./lib/rules/no-async-in-computed-properties.js", code, options, "vue-eslint-parser");

await observe({
  bare: run("<script>\nexport default { methods: { foo() { if (this.a) return; } } }\n</script>"),
  bareComputed: run("<script>\nexport default { computed: { foo() { return; } } }\n</script>"),
  async: run("<script>\nexport default { computed: { async foo() { return 1; } } }\n</script>"),
  await: run('<script>\nexport default { computed: { foo() { return fetch("a").then(b); } } }\n</script>'),
  object: run("<script>\nexport default { computed: { foo() { return { a: async () => 1 }; } } }\n</script>"),
  list: run("<script>\nexport default { computed: { foo() { return [1]; } } }\n</script>"),
  timer: run("<script>\nexport default { computed: { foo() { setTimeout(a, 0); return 2; } } }\n</script>"),
});
