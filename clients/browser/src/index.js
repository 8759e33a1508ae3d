import { watchBreadcrumbs } from "./breadcrumbs.js";
import { readEvent } from "./event.js";
import { createQueue } from "./queue.js";

/**
 * An `error` or `unhandledrejection` event.
 * @typedef {Event & Partial<ErrorEvent> & Partial<PromiseRejectionEvent>} Fault
 */

/**
 * The snippet collects events in `__selfheal`; null tells it to stop.
 * @typedef {Window & {__selfheal?: Fault[] | null}} SnippetWindow
 */

/** Limits a page that crashes in a loop. */
const MAX_PER_MINUTE = 30;

/** @type {import("./index.d.ts").Client | null} */
let current = null;

/** Starts the client. See index.d.ts. @param {import("./index.d.ts").Options} options */
export function init(options) {
  const address = `${options.url.replace(/\/+$/, "")}/v1/events?key=${encodeURIComponent(options.key)}`;
  let hasWarned = false;
  const warn = options.warn ?? ((message) => console.warn(`selfheal: ${message}`));
  const queue = createQueue(address, (message) => {
    if (!hasWarned) warn(message);
    hasWarned = true;
  });
  const breadcrumbs = watchBreadcrumbs(address);
  const allowed = perMinute(MAX_PER_MINUTE);
  let limited = 0;

  /** @param {import("./types.d.ts").Thrown} thrown @param {import("./index.d.ts").CaptureOptions} given */
  const capture = (thrown, given) => {
    try {
      if (!allowed()) {
        limited++;
        return "";
      }
      const event = options.beforeSend === undefined ? build(thrown, given) : options.beforeSend(build(thrown, given));
      if (event) queue.push(event);
      return event?.event_id ?? "";
    } catch {
      // A failure to report must not make the page fail.
      return "";
    }
  };
  /** @param {import("./types.d.ts").Thrown} thrown @param {import("./index.d.ts").CaptureOptions} given */
  const build = (thrown, given) => readEvent(thrown, given, options, [...breadcrumbs.kept]);

  const unwatch = watchPage(queue, capture, options.captureUncaught ?? true);
  /** @type {import("./index.d.ts").Client} */
  const client = {
    captureException: (error, given = {}) => capture({ error }, given),
    flush: () => queue.flush(),
    close() {
      unwatch();
      breadcrumbs.stop();
      if (current === client) current = null;
    },
    stats() {
      const { dropped, ...others } = queue.stats();
      return { ...others, dropped: dropped + limited };
    },
  };
  current = client;
  return client;
}

/** @param {unknown} error @param {import("./index.d.ts").CaptureOptions} [options] */
export function captureException(error, options) {
  return current?.captureException(error, options) ?? "";
}

/**
 * Reports the errors that the snippet collected, and then listens itself. Returns a function that stops listening.
 * @param {ReturnType<typeof createQueue>} queue
 * @param {(thrown: import("./types.d.ts").Thrown, given: import("./index.d.ts").CaptureOptions) => string} capture
 * @param {boolean} captureUncaught
 */
function watchPage(queue, capture, captureUncaught) {
  const onFault = (/** @type {Fault} */ event) => {
    if (event.type === "unhandledrejection")
      return void capture({ error: event.reason ?? "rejected" }, { handled: false, tags: { origin: event.type } });
    // A failed load of an image or a script is not an exception.
    if (event.target !== window && event.target) return;
    const { error, message, filename: file, lineno: line, colno: column } = event;
    capture({ error, message, file, line, column }, { handled: false, tags: { origin: event.type } });
  };
  const onHide = () => {
    if (document.visibilityState === "hidden") queue.beacon();
  };
  const onOnline = () => void queue.flush();
  /** @type {[EventTarget, string, (event: Fault) => void][]} */
  const listeners = [
    [document, "visibilitychange", onHide],
    [window, "pagehide", () => queue.beacon()],
    [window, "online", onOnline],
  ];
  if (captureUncaught) {
    const early = /** @type {SnippetWindow} */ (window).__selfheal;
    /** @type {SnippetWindow} */ (window).__selfheal = null;
    (early ?? []).forEach(onFault);
    listeners.push([window, "error", onFault], [window, "unhandledrejection", onFault]);
  }
  for (const [target, name, listener] of listeners) target.addEventListener(name, listener);
  return () => {
    for (const [target, name, listener] of listeners) target.removeEventListener(name, listener);
  };
}

/** Returns a function that says whether one more is allowed in the current minute. @param {number} max */
function perMinute(max) {
  let minute = 0;
  let count = 0;
  return () => {
    const now = Math.floor(Date.now() / 60_000);
    if (now !== minute) count = 0;
    minute = now;
    count++;
    return count <= max;
  };
}
