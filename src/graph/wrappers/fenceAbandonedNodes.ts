import { AsyncLocalStorage } from "node:async_hooks";
import { SelfhealError } from "../../domain/errors.ts";

const underWay = new AsyncLocalStorage<AbortSignal>();

/** Runs a node's work under its abort signal. Once the signal is aborted, the node's fenced ports refuse every call. */
export function runFenced<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  return underWay.run(signal, work);
}

/**
 * The same port, for use in nodes. After a timeout LangGraph abandons a node but cannot stop it. After a slow disk or a
 * paused process, the abandoned node could overwrite what was done about its failure. Calls of an abandoned node throw
 * SelfhealError `fenced`. Works on ports that are plain objects: it wraps their own properties.
 *
 * @example
 * const tickets = fenced(stores.tickets);
 * await runFenced(signal, () => tickets.update(id, change)); // throws `fenced` once signal is aborted
 */
export function fenced<T extends object>(port: T): T {
  const guarded = Object.entries(port).map(([name, part]: [string, unknown]) => [
    name,
    typeof part === "function" ? guardedBy(port, name) : part,
  ]);
  return Object.fromEntries(guarded) as T;
}

function guardedBy(port: object, name: string) {
  return async (...args: unknown[]): Promise<unknown> => {
    const signal = underWay.getStore();
    const check = () => {
      if (signal?.aborted === true)
        throw new SelfhealError("fenced", `${name} was refused: this step was given up, and another took its place`);
    };
    check();
    // A callback runs when the write's turn in the queue has come. The node may have been abandoned since, so it is
    // checked again.
    const late = args.map((arg) => (typeof arg === "function" ? guardedCall(arg as Call, check) : arg));
    return Reflect.apply(Reflect.get(port, name), port, late);
  };
}

type Call = (...args: unknown[]) => unknown;

function guardedCall(call: Call, check: () => void): Call {
  return (...args) => {
    check();
    return call(...args);
  };
}
