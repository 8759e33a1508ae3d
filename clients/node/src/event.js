import { randomBytes } from "node:crypto";
import { inspect } from "node:util";
import { varsOf } from "./locals.js";
import { currentScope } from "./scope.js";
import { sourceAround } from "./source.js";
import { appFrames } from "./stack.js";

const MAX_VALUE = 8192;
const MAX_STACK = 32_768;
const MAX_EXTRA = 65_536;
const MAX_CAUSES = 10;

/** How many frames of one exception may have source lines or variables. */
const MAX_TOLD = 10;

/**
 * What the client needs besides the error itself.
 * @typedef {object} Knowledge
 * @property {(error: unknown) => import("./locals.js").FrameLocals[]} localsOf
 * @property {boolean} withSource
 * @property {(value: unknown) => unknown} clean Removes private values.
 */

/**
 * Builds the Event in the native wire format (docs/events.md).
 * @param {unknown} error
 * @param {import("./index.d.ts").CaptureOptions} given
 * @param {import("./index.d.ts").Options} options
 * @param {Knowledge} known
 */
export function readEvent(error, given, options, known) {
  const handled = given.handled ?? true;
  const scope = currentScope();
  return {
    event_id: randomBytes(16).toString("hex"),
    timestamp: new Date().toISOString(),
    platform: "node",
    level: given.level ?? (handled ? "error" : "fatal"),
    service: options.service,
    environment: options.environment,
    release: options.release,
    handled,
    exception: readException(error, new Set(), known),
    request: given.request ?? scope.request,
    tags: { ...options.tags, ...scope.tags, ...given.tags },
    extra: readExtra(given.extra, known.clean),
  };
}

/**
 * @param {unknown} error
 * @param {Set<unknown>} seen The errors of this chain so far, because a cause may refer to an earlier error.
 * @param {Knowledge} known
 * @returns {{type: string, value: string, stack?: string, frame_details?: object[], cause?: object} | undefined}
 */
function readException(error, seen, known) {
  seen.add(error);
  if (
    !(error instanceof Error) &&
    typeof (/** @type {{stack?: unknown} | null | undefined} */ (error)?.stack) !== "string"
  ) {
    return {
      type: "NonError",
      value: cut(typeof error === "string" ? error : inspect(error, { depth: 2 }), MAX_VALUE),
    };
  }
  const thrown = /** @type {Error & {errors?: unknown[]}} */ (error);
  // An AggregateError usually has no cause; its first error is then the best one to report.
  const cause = thrown.cause ?? (Array.isArray(thrown.errors) ? thrown.errors[0] : undefined);
  const goesOn = cause !== undefined && cause !== null && !seen.has(cause) && seen.size <= MAX_CAUSES;
  const stack = cut(
    textOf(() => thrown.stack),
    MAX_STACK,
  );
  return {
    type: typeOf(thrown),
    value: cut(
      textOf(() => thrown.message),
      MAX_VALUE,
    ),
    stack,
    frame_details: detailsOf(thrown, stack, known),
    cause: goesOn ? readException(cause, seen, known) : undefined,
  };
}

/**
 * Source lines and variables of the app's frames. The stack decides which frames exist. undefined when there are none.
 * @param {Error} error
 * @param {string} stack
 * @param {Knowledge} known
 */
function detailsOf(error, stack, { localsOf, withSource, clean }) {
  const locals = localsOf(error);
  if (!withSource && locals.length === 0) return undefined;
  const frames = appFrames(stack);
  const vars = varsOf(frames, locals);
  const told = frames.slice(0, MAX_TOLD).flatMap((frame, i) => {
    const source = withSource ? sourceAround(frame) : null;
    if (source === null && vars[i] === undefined) return [];
    return [{ ...frame, ...source, vars: clean(vars[i]) }];
  });
  return told.length === 0 ? undefined : told;
}

/** Reads a text; "" if the property throws. @param {() => unknown} read */
function textOf(read) {
  try {
    return String(read() ?? "");
  } catch {
    return "";
  }
}

/** The error's `name`; the name of its class if `name` is not set. @param {Error} error */
function typeOf(error) {
  const name = typeof error.name === "string" && error.name !== "" ? error.name : "Error";
  const own = error.constructor?.name;
  return name === "Error" && own ? own : name;
}

/** @param {Record<string, unknown> | undefined} extra @param {(value: unknown) => unknown} clean */
function readExtra(extra, clean) {
  if (extra === undefined) return undefined;
  /** @type {Record<string, unknown>} */
  const read = {};
  let size = 0;
  for (const [key, value] of Object.entries(extra)) {
    const json = jsonOf(value);
    size += json.length;
    // A value that is nested deeper than the server accepts, or that exceeds the total size, is sent as cut text.
    read[key] = size < MAX_EXTRA && !isDeep(value, 20) ? JSON.parse(json) : cut(json, 1024);
  }
  return clean(read);
}

/** @param {unknown} value */
function jsonOf(value) {
  try {
    return JSON.stringify(value) ?? JSON.stringify(String(value));
  } catch {
    // A circular value, or a BigInt.
    return JSON.stringify(inspect(value, { depth: 3 }));
  }
}

/** @param {unknown} value @param {number} levels @returns {boolean} */
function isDeep(value, levels) {
  if (typeof value !== "object" || value === null) return false;
  return levels === 0 || Object.values(value).some((inner) => isDeep(inner, levels - 1));
}

/** @param {string} text @param {number} max */
function cut(text, max) {
  return text.length > max ? text.slice(0, max) : text;
}
