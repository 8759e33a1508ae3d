import { Worker } from "node:worker_threads";
import { snapshot } from "./snapshot.js";
import { isSameFile } from "./stack.js";

const HOOK = "@selfheal/node locals";
const MAX_PER_SECOND = 10;
const LONGEST_GOODBYE_MS = 100;

/**
 * @typedef {Record<string, unknown>} Scope The variables of one scope, by name.
 * @typedef {{file: string, function: string, line: number, column: number, vars: Record<string, unknown>}} FrameLocals
 * @typedef {{of: (error: unknown) => FrameLocals[], isUp: () => boolean, stop: () => void}} Locals
 */

/**
 * Records the local variables of the app's own frames when an exception is thrown. V8 pauses the app for a moment, and
 * another thread reads the variables. `uncaught`: only exceptions that V8 predicts to be uncaught. `all`: caught
 * exceptions too. There are no variables until the thread is ready (about 50 ms), during a storm of exceptions, and for
 * thrown values that are not objects.
 * @param {"uncaught" | "all"} which
 * @param {(message: string) => void} warn
 * @returns {Promise<Locals | null>} null if another debugger is attached, or if this Node.js has no inspector.
 */
export async function watchLocals(which, warn) {
  try {
    const { url } = await import("node:inspector");
    if (url() !== undefined) {
      warn("local variables are not captured while a debugger is attached");
      return null;
    }
    return start(which, warn);
  } catch (error) {
    warn(`local variables are not captured: ${String(error)}`);
    return null;
  }
}

/** @param {"uncaught" | "all"} which @param {(message: string) => void} warn @returns {Locals} */
function start(which, warn) {
  /**
   * Keyed weakly by the exception, so that the exception is not changed and can be collected. @type {WeakMap<object,
   * FrameLocals[]>}
   */
  const found = new WeakMap();
  const hook = Symbol.for(HOOK);
  Object.defineProperty(globalThis, hook, {
    configurable: true,
    value: (/** @type {object} */ error, /** @type {string} */ places, /** @type {Scope[]} */ scopes) => {
      // Only the first throw counts: code that catches an exception may throw it again.
      if (!found.has(error)) found.set(error, readLocals(JSON.parse(places), scopes));
    },
  });
  const worker = new Worker(new URL("./localsWorker.js", import.meta.url), {
    workerData: { hook: HOOK, all: which === "all", maxPerSecond: MAX_PER_SECOND },
    // The app's start options (loaders, inspectors, this client) do not apply to this thread.
    execArgv: [],
    env: { ...process.env, NODE_OPTIONS: "" },
  });
  let isUp = false;
  worker.once("message", () => {
    isUp = true;
  });
  worker.once("exit", () => {
    isUp = false;
  });
  worker.once("error", (error) => warn(`local variables are not captured: ${error.message}`));
  worker.unref();
  // Node.js prints that a debugger is attached if the process ends with an open session, so close the session first.
  const onExit = () => {
    if (!isUp) return;
    const gone = new Int32Array(new SharedArrayBuffer(4));
    worker.postMessage(gone);
    Atomics.wait(gone, 0, 0, LONGEST_GOODBYE_MS);
  };
  process.on("exit", onExit);
  return {
    of(error) {
      return (typeof error === "object" && error !== null && found.get(error)) || [];
    },
    isUp: () => isUp,
    stop() {
      process.off("exit", onExit);
      Reflect.deleteProperty(globalThis, hook);
      void worker.terminate();
    },
  };
}

/**
 * Copies the variables of each frame. `places[i].scopes` is the number of scopes of frame i.
 * @param {(Omit<FrameLocals, "vars"> & {scopes: number})[]} places
 * @param {Scope[]} scopes The scopes of all frames, in order.
 * @returns {FrameLocals[]}
 */
function readLocals(places, scopes) {
  const read = snapshot(...scopes);
  return places.map(({ scopes: own, ...place }) => ({ ...place, vars: Object.assign({}, ...read.splice(0, own)) }));
}

/**
 * Assigns variables to the frames of a stack. Both lists are newest first and are matched in order. An error may be
 * created at one line and thrown at another, so within one file the same function name is enough.
 * @param {import("./stack.js").Frame[]} frames
 * @param {FrameLocals[]} locals
 * @returns {(Record<string, unknown> | undefined)[]}
 */
export function varsOf(frames, locals) {
  let next = 0;
  return frames.map((frame) => {
    const i = locals.findIndex((one, at) => at >= next && isSameFile(one.file, frame.file) && isSameCall(one, frame));
    if (i < 0) return undefined;
    next = i + 1;
    return locals[i]?.vars;
  });
}

/** @param {FrameLocals} one @param {import("./stack.js").Frame} frame */
function isSameCall(one, frame) {
  if (one.line === frame.line && one.column === frame.column) return true;
  const name = frame.function
    ?.replace(/^(?:async |new )/, "")
    .split(".")
    .at(-1);
  return one.function !== "" && one.function.split(".").at(-1) === name;
}
