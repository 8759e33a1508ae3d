import { Session } from "node:inspector/promises";
import { parentPort, workerData } from "node:worker_threads";

// A thread of its own, because the app's stands still while an exception is looked at. It opens no port: the session goes
// straight to the main thread. It is never what keeps the process alive, and when it ends the app goes on.
const { hook, all, maxPerSecond } = workerData;
const MAX_FRAMES = 5;
/** However long an answer takes, the app goes on after that. */
const LONGEST_PAUSE_MS = 200;
const LONGEST_REST_MS = 600_000;

// The session does not keep the thread alive; this does.
setInterval(() => undefined, 2 ** 30);
const session = new Session();
session.connectToMainThread();

/** What V8 calls a script, to where it is from. @type {Map<string, string>} */
const urls = new Map();
let pauses = 0;
let restMs = 1000;

session.on("Debugger.scriptParsed", ({ params }) => {
  if (isApp(params.url)) urls.set(params.scriptId, params.url);
});
session.on("Debugger.paused", ({ params }) => {
  const isOurs = params.reason === "exception" || params.reason === "promiseRejection";
  // Another debugger's breakpoint is none of ours.
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

/** Every pause stops the app: in a storm there are enough examples already, and the rest is longer each time. */
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

/** Has the app's thread note the variables of its own topmost frames, for the exception. @param {any} paused */
async function look({ data, callFrames }) {
  // A thrown text or number is nothing that could be found again.
  if (data?.objectId === undefined) return;
  const frames = callFrames
    .filter((/** @type {any} */ frame) => urls.has(frame.location.scriptId))
    .slice(0, MAX_FRAMES)
    .map((/** @type {any} */ frame) => ({ frame, scopes: scopesOf(frame) }));
  if (frames.length === 0) return;
  const places = frames.map((/** @type {any} */ { frame, scopes }) => ({
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
      ...frames.flatMap((/** @type {any} */ one) => one.scopes),
    ],
    silent: true,
  });
}

/**
 * The frame's own scopes, the function's last: a parameter is told as such even where a block has another variable of its name.
 * @param {any} frame
 */
function scopesOf({ scopeChain }) {
  const last = scopeChain.findIndex((/** @type {any} */ scope) => scope.type === "local");
  return scopeChain.slice(0, last + 1).map((/** @type {any} */ scope) => ({ objectId: scope.object.objectId }));
}
