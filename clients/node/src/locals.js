import { Worker } from "node:worker_threads";
import { snapshot } from "./snapshot.js";
import { isSameFile } from "./stack.js";

const HOOK = "@selfheal/node locals";
const MAX_PER_SECOND = 10;
const LONGEST_GOODBYE_MS = 100;

/**
 * @typedef {{file: string, function: string, line: number, column: number, vars: Record<string, unknown>}} FrameLocals
 * @typedef {{of: (error: unknown) => FrameLocals[], isUp: () => boolean, stop: () => void}} Locals
 */

/**
 * Notes the local variables of the app's own frames when an exception is thrown: V8 stops the app for a moment, another thread
 * looks. `uncaught` is by V8's guess when it is thrown; `all` looks at caught ones too. Absent before the thread is up (about
 * 50 ms), in a storm, and for what is no object.
 * @param {"uncaught" | "all"} which
 * @param {(message: string) => void} warn
 * @returns {Promise<Locals | null>} null where it cannot be done: under another debugger, in a Node without one.
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
  /** By the exception, so that nothing is written on it and nothing outlives it. @type {WeakMap<object, FrameLocals[]>} */
  const found = new WeakMap();
  const hook = Symbol.for(HOOK);
  Object.defineProperty(globalThis, hook, {
    configurable: true,
    value: (/** @type {object} */ error, /** @type {string} */ places, /** @type {any[]} */ scopes) => {
      // The first throw is the one that tells; what catches an exception may throw it again.
      if (!found.has(error)) found.set(error, readLocals(JSON.parse(places), scopes));
    },
  });
  const worker = new Worker(new URL("./localsWorker.js", import.meta.url), {
    workerData: { hook: HOOK, all: which === "all", maxPerSecond: MAX_PER_SECOND },
    // What the app was started with (loaders, inspectors, ourselves) is not meant for this thread.
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
  // Node tells people that a debugger is attached when it ends with the session open.
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

/** @param {(Omit<FrameLocals, "vars"> & {scopes: number})[]} places @param {any[]} scopes @returns {FrameLocals[]} */
function readLocals(places, scopes) {
  const read = snapshot(...scopes);
  return places.map(({ scopes: own, ...place }) => ({ ...place, vars: Object.assign({}, ...read.splice(0, own)) }));
}

/**
 * The variables that belong to each frame of a stack. Both lists are newest first and are gone through together. An error
 * may have been made at one line and thrown at another, so the function's name is enough within one file.
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
