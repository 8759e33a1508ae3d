import { Session } from "node:inspector/promises";
import { parentPort, workerData } from "node:worker_threads";

// This runs in a separate thread, because the app's thread is paused while an exception is inspected. It opens no port:
// the session connects to the main thread directly. It does not keep the process alive, and the app continues when it
// ends.
const { hook, all, maxPerSecond } = workerData;
/** @typedef {import("node:inspector").Debugger.CallFrame} CallFrame */

const MAX_FRAMES = 5;
/** The app continues after this time at the latest, however long an inspection takes. */
const LONGEST_PAUSE_MS = 200;
const LONGEST_REST_MS = 600_000;

// The session does not keep this thread alive, so an idle timer does.
setInterval(() => undefined, 2 ** 30);
const session = new Session();
session.connectToMainThread();

/** URL of each app script by V8's script id. @type {Map<string, string>} */
const urls = new Map();
let pauses = 0;
let restMs = 1000;

session.on("Debugger.scriptParsed", ({ params }) => {
  if (isApp(params.url)) urls.set(params.scriptId, params.url);
});
session.on("Debugger.paused", ({ params }) => {
  const isOurs = params.reason === "exception" || params.reason === "promiseRejection";
  // Ignore breakpoints of another debugger.
  if (!isOurs) return;
  pauses += 1;
  const late = new Promise((resolve) => setTimeout(resolve, LONGEST_PAUSE_MS));
  const looking = pauses > maxPerSecond ? rest() : look(params);
  void Promise.race([looking, late])
    .catch(() => undefined)
    .then(() => session.post("Debugger.resume"))
    .catch(() => undefined);
});

parentPort?.once("message", (/** @type {Int32Array} */ gone) => {
  session.disconnect();
  Atomics.store(gone, 0, 1);
  Atomics.notify(gone, 0);
});

await session.post("Debugger.enable");
await pauseOn(true);
parentPort?.postMessage("up");
setInterval(() => {
  pauses = 0;
}, 1000);

/**
 * Stops pausing for a while, because every pause stops the app, and a storm has given enough examples. Each break is
 * twice as long as the previous one, up to 10 minutes.
 */
async function rest() {
  const ms = restMs;
  restMs = Math.min(restMs * 2, LONGEST_REST_MS);
  await pauseOn(false);
  setTimeout(() => void pauseOn(true), ms);
}

/** @param {boolean} on */
async function pauseOn(on) {
  await session.post("Debugger.setPauseOnExceptions", { state: on ? (all ? "all" : "uncaught") : "none" });
}

/** @param {string} url */
function isApp(url) {
  return /^(?:file:|[/\\]|[A-Za-z]:[/\\])/.test(url) && !/[\\/]node_modules[\\/]/.test(url);
}

/**
 * Calls the hook in the app's thread, which records the variables of the app's topmost frames for the exception.
 * @param {{data?: {objectId?: string} | undefined, callFrames: CallFrame[]}} paused
 */
async function look({ data, callFrames }) {
  // A thrown primitive cannot be used as a key later.
  if (data?.objectId === undefined) return;
  const frames = callFrames
    .filter((frame) => urls.has(frame.location.scriptId))
    .slice(0, MAX_FRAMES)
    .map((frame) => ({ frame, scopes: scopesOf(frame) }));
  if (frames.length === 0) return;
  const places = frames.map(({ frame, scopes }) => ({
    file: urls.get(frame.location.scriptId),
    function: frame.functionName,
    line: frame.location.lineNumber + 1,
    column: (frame.location.columnNumber ?? 0) + 1,
    scopes: scopes.length,
  }));
  await session.post("Runtime.callFunctionOn", {
    objectId: data.objectId,
    functionDeclaration: "function (hook, places, ...scopes) { globalThis[Symbol.for(hook)]?.(this, places, scopes); }",
    arguments: [
      { value: hook },
      { value: JSON.stringify(places) },
      ...frames.flatMap((/** @type {{scopes: {objectId: string | undefined}[]}} */ one) => one.scopes),
    ],
    silent: true,
  });
}

/**
 * The frame's own scopes, the function's scope last. The caller merges them in this order, so that a parameter takes
 * precedence over a block variable of the same name.
 * @param {CallFrame} frame
 */
function scopesOf({ scopeChain }) {
  const last = scopeChain.findIndex((scope) => scope.type === "local");
  return scopeChain.slice(0, last + 1).map((scope) => ({ objectId: scope.object.objectId }));
}
