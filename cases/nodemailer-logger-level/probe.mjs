import { observe, packageRequire } from "../observe.mjs";

const { _logFunc } = packageRequire("./lib/shared/index.js");

function log(level, methods) {
  const lines = [];
  const logger = Object.fromEntries(methods.map((m) => [m, (...a) => lines.push([m, ...a])]));
  _logFunc(logger, level, { component: "x" }, { tnx: "t", level: "y" }, "message %s", "arg");
  return lines;
}

await observe({
  missing: () => log("debug", ["info", "warn", "error"]),
  present: () => log("debug", ["debug", "info"]),
  info: () => log("info", ["info"]),
  error: () => log("error", ["error", "info"]),
  onlyError: () => log("trace", ["error"]),
  none: () => log("trace", []),
  fatal: () => log("fatal", ["trace", "warn", "fatal"]),
});
