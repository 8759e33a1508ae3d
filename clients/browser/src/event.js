const MAX_VALUE = 8192;
const MAX_STACK = 16_384;
const MAX_CAUSES = 10;

/**
 * Builds the Event in the native wire format (docs/events.md).
 * @param {import("./types.d.ts").Thrown} thrown
 * @param {import("./index.d.ts").CaptureOptions} given
 * @param {import("./index.d.ts").Options} options
 * @param {readonly import("./index.d.ts").Breadcrumb[]} breadcrumbs
 */
export function readEvent(thrown, given, options, breadcrumbs) {
  const handled = given.handled ?? true;
  return {
    event_id: newId(),
    timestamp: new Date().toISOString(),
    platform: "browser",
    level: given.level ?? (handled ? "error" : "fatal"),
    service: options.service,
    environment: options.environment,
    release: options.release,
    handled,
    exception: exceptionOf(thrown),
    request: { method: "GET", url: pageUrl(), headers: { "user-agent": navigator.userAgent } },
    tags: { ...options.tags, ...given.tags },
    extra: { breadcrumbs, ...given.extra },
  };
}

/**
 * If the thrown value is not known (an error of another origin's script, or an old engine), the location is the only
 * frame.
 * @param {import("./types.d.ts").Thrown} thrown
 */
function exceptionOf({ error, message, file, line, column }) {
  if (error !== undefined && error !== null) return readException(error, []);
  const frames = file ? [{ file, line, column }] : undefined;
  return { type: "Error", value: cut(String(message ?? "unknown"), MAX_VALUE), frames };
}

/**
 * @param {unknown} error
 * @param {unknown[]} seen The errors of this chain so far, because a cause may refer to an earlier error.
 */
function readException(error, seen) {
  seen.push(error);
  const read = (/** @type {string} */ name) => {
    try {
      // A getter that the page defined may throw.
      return /** @type {Record<string, unknown>} */ (error)[name];
    } catch {
      return undefined;
    }
  };
  const stack = read("stack");
  if (!(error instanceof Error) && typeof stack !== "string") {
    return { type: "NonError", value: cut(typeof error === "string" ? error : jsonOf(error), MAX_VALUE) };
  }
  // An AggregateError usually has no cause; its first error is then the best one to report.
  const cause = read("cause") ?? read("errors")?.[0];
  const goesOn = cause !== undefined && cause !== null && !seen.includes(cause) && seen.length <= MAX_CAUSES;
  return {
    type: String(read("name") || "Error"),
    value: cut(String(read("message") ?? ""), MAX_VALUE),
    stack: cut(String(stack ?? ""), MAX_STACK),
    cause: goesOn ? readException(cause, seen) : undefined,
  };
}

/** The page's URL without query and fragment, because they contain tokens and search terms. */
export function pageUrl() {
  return location.origin + location.pathname;
}

/** A new Event id: 32 hex digits. Because of the id, an Event that is sent twice counts once. */
function newId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** @param {unknown} value */
function jsonOf(value) {
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return Object.prototype.toString.call(value);
  }
}

/** @param {string} text @param {number} max */
function cut(text, max) {
  return text.slice(0, max);
}
