import { observe, packageRequire } from "../observe.mjs";
import { style } from "../style.mjs";

const run =
  (code, setting = [100, { ignore: ["delay"] }]) =>
  () =>
    style(packageRequire, "time-min-milliseconds", setting, code);

await observe({
  none: run("a { animation: foo; }"),
  two: run("a { animation: foo, bar; }"),
  short: run("a { animation: foo 50ms; }"),
  long: run("a { animation: foo 200ms 20ms; }"),
  delay: run("a { transition: top 0.2s 10ms; }"),
  plain: run("a { transition-duration: 80ms; }"),
  all: run("a { animation: foo 90ms 10ms; }", 100),
  noneAll: run("a { animation: foo; }", 100),
});
