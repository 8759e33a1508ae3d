import { readEvent } from "./event.js";
import { watchLocals } from "./locals.js";
import { createCleaner } from "./private.js";
import { watchProcess } from "./process.js";
import { createTransport } from "./transport.js";

export { requestInfo } from "./request.js";
export { addContext, requestContext, withContext } from "./scope.js";

const FLUSH_MS = 2000;

/** @type {import("./index.d.ts").Client | null} */
let current = null;

/** Starts the client. See index.d.ts. @param {import("./index.d.ts").Options} options */
export function init(options) {
  const warn = options.warn ?? ((message) => console.warn(`selfheal: ${message}`));
  const transport = createTransport({ url: options.url, key: options.key, maxBuffer: options.maxBuffer ?? 1000, warn });
  const watching = startLocals(options.captureLocals ?? false, warn);
  const known = {
    localsOf: watching.of,
    withSource: options.sourceContext ?? true,
    clean: createCleaner(options.denyKeys ?? []),
  };
  /** @type {import("./index.d.ts").Client} */
  const client = {
    captureException(error, given = {}) {
      try {
        const event = readEvent(error, given, options, known);
        transport.send(event);
        return event.event_id;
      } catch {
        // A failure to report must not make the app fail.
        return "";
      }
    },
    flush: (timeoutMs = FLUSH_MS) => transport.flush(timeoutMs),
    async close() {
      unwatch();
      watching.stop();
      await transport.flush(FLUSH_MS);
      transport.close();
      if (current === client) current = null;
    },
    stats: () => ({ ...transport.stats(), locals: watching.isUp() }),
  };
  const unwatch = watchProcess(client, { captureUncaught: options.captureUncaught ?? true, flushMs: FLUSH_MS });
  current = client;
  return client;
}

/**
 * Starts the capture of local variables in the background. Before it is ready, and where it cannot start, there are
 * none.
 * @param {boolean | "uncaught" | "all"} wanted
 * @param {(message: string) => void} warn
 */
function startLocals(wanted, warn) {
  /** @type {import("./locals.js").Locals | null} */
  let locals = null;
  let isStopped = wanted === false;
  if (!isStopped) {
    void watchLocals(wanted === "all" ? "all" : "uncaught", warn).then((started) => {
      if (isStopped) started?.stop();
      else locals = started;
    });
  }
  return {
    of: (/** @type {unknown} */ error) => locals?.of(error) ?? [],
    isUp: () => locals?.isUp() ?? false,
    stop() {
      isStopped = true;
      locals?.stop();
      locals = null;
    },
  };
}

/** @param {unknown} error @param {import("./index.d.ts").CaptureOptions} [options] */
export function captureException(error, options) {
  return current?.captureException(error, options) ?? "";
}

/** @param {number} [timeoutMs] */
export async function flush(timeoutMs) {
  return current === null ? true : current.flush(timeoutMs);
}

export async function close() {
  await current?.close();
}
