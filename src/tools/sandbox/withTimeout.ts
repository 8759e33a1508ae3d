import { createContext, Script } from "node:vm";

const CALL = new Script("run()");

/**
 * Runs a function that does not await, and ends it when its time (milliseconds) is up, also in the middle of a regular
 * expression that backtracks without end. What it threw is thrown here.
 */
export function withTimeout<T>(timeoutMs: number, run: () => T): { kind: "done"; value: T } | { kind: "timeout" } {
  try {
    return { kind: "done", value: CALL.runInContext(createContext({ run }), { timeout: timeoutMs }) as T };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ERR_SCRIPT_EXECUTION_TIMEOUT") return { kind: "timeout" };
    throw error;
  }
}
