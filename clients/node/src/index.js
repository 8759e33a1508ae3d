import { readEvent } from "./event.js";
import { watchProcess } from "./process.js";
import { createTransport } from "./transport.js";

export { requestInfo } from "./request.js";

const FLUSH_MS = 2000;

/** @type {import("./index.d.ts").Client | null} */
let current = null;

/** @param {import("./index.d.ts").Options} options */
export function init(options) {
  const transport = createTransport({
    url: options.url,
    key: options.key,
    maxBuffer: options.maxBuffer ?? 1000,
    warn: options.warn ?? ((message) => console.warn(`selfheal: ${message}`)),
  });
  /** @type {import("./index.d.ts").Client} */
  const client = {
    captureException(error, given = {}) {
      try {
        const event = readEvent(error, given, options);
        transport.send(event);
        return event.event_id;
      } catch {
        // An app must not fail because its failure could not be reported.
        return "";
      }
    },
    flush: (timeoutMs = FLUSH_MS) => transport.flush(timeoutMs),
    async close() {
      unwatch();
      await transport.flush(FLUSH_MS);
      transport.close();
      if (current === client) current = null;
    },
    stats: () => transport.stats(),
  };
  const unwatch = watchProcess(client, { captureUncaught: options.captureUncaught ?? true, flushMs: FLUSH_MS });
  current = client;
  return client;
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
