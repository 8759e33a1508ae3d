import { readFileSync } from "node:fs";
import { inspect } from "node:util";

/**
 * Captures uncaught exceptions and unhandled rejections, and flushes before a process ends by itself. Returns a
 * function that stops this.
 * @param {import("./index.d.ts").Client} client
 * @param {{captureUncaught: boolean, flushMs: number}} options
 */
export function watchProcess(client, { captureUncaught, flushMs }) {
  let isDying = false;

  /** @param {unknown} error @param {string} origin @param {boolean} appDecides */
  const onFatal = (error, origin, appDecides) => {
    client.captureException(error, { handled: false, level: "fatal", tags: { origin } });
    // If the app has its own handler, the handler decides what happens next, as it would without this client.
    if (appDecides || isDying) return;
    isDying = true;
    process.stderr.write(describe(error));
    void client.flush(flushMs).finally(() => process.exit(1));
  };
  /** @param {unknown} error @param {string} origin */
  const onUncaught = (error, origin) => onFatal(error, origin, process.listenerCount("uncaughtException") > 1);
  /** @param {unknown} reason */
  const onRejection = (reason) =>
    onFatal(reason, "unhandledRejection", process.listenerCount("unhandledRejection") > 1 || rejectionsOnlyWarn());
  const onBeforeExit = () => {
    if (client.stats().pending > 0) void client.flush(flushMs).then((done) => (done ? undefined : unwatch()));
  };

  if (captureUncaught) {
    process.on("uncaughtException", onUncaught);
    process.on("unhandledRejection", onRejection);
  }
  process.on("beforeExit", onBeforeExit);
  const unwatch = () => {
    process.off("uncaughtException", onUncaught);
    process.off("unhandledRejection", onRejection);
    process.off("beforeExit", onBeforeExit);
  };
  return unwatch;
}

/** Whether Node.js is configured to survive unhandled rejections. */
function rejectionsOnlyWarn() {
  return /--unhandled-rejections[= ](?:none|warn)\b/.test([...process.execArgv, process.env.NODE_OPTIONS].join(" "));
}

/**
 * The text that Node.js prints for an uncaught exception: the line that threw, the stack and the version. @param
 * {unknown} error
 */
function describe(error) {
  const stack = error instanceof Error ? inspect(error) : `Uncaught ${inspect(error)}`;
  return `${throwSite(error)}${stack}\n\nNode.js ${process.version}\n`;
}

/** @param {unknown} error */
function throwSite(error) {
  const found = /^ +at .*?\(?((?:file:\/\/)?\/[^()]+):(\d+):(\d+)\)?$/m.exec(
    error instanceof Error ? String(error.stack) : "",
  );
  if (found === null) return "";
  const [, file = "", line = "", column = ""] = found;
  try {
    const path = file.startsWith("file://") ? new URL(file) : file;
    const source = readFileSync(path, "utf8").split("\n")[Number(line) - 1] ?? "";
    return `${file}:${line}\n${source}\n${" ".repeat(Number(column) - 1)}^\n\n`;
  } catch {
    return "";
  }
}
