import { AsyncLocalStorage } from "node:async_hooks";
import { SelfhealError } from "../domain/errors.ts";

const underWay = new AsyncLocalStorage<AbortSignal>();

/** Does a node's work under its signal: once that is aborted, the ports it was given let nothing through. */
export function runFenced<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  return underWay.run(signal, work);
}

/**
 * The same port, for nodes. LangGraph gives a node up when its time is over, but cannot stop it: after a slow disk, or a
 * process that was stopped and goes on, it would write over what was done about its failure. Throws SelfhealError `fenced`
 * for a node that was given up.
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
    // What a write asks for when its turn has come is asked for by a step that may have been given up since.
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
