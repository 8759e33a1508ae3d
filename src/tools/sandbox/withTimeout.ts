import { createContext, Script } from "node:vm";

const CALL = new Script("run()");

/**
 * Runs a synchronous function and stops it after `timeoutMs` milliseconds, even during a regular expression that
 * backtracks endlessly. Rethrows what the function throws.
 *
 * @example
 * const result = withTimeout(200, () => pattern.test(line));
 * if (result.kind === "done") use(result.value);
 */
export function withTimeout<T>(timeoutMs: number, run: () => T): { kind: "done"; value: T } | { kind: "timeout" } {
  try {
    return { kind: "done", value: CALL.runInContext(createContext({ run }), { timeout: timeoutMs }) as T };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ERR_SCRIPT_EXECUTION_TIMEOUT") return { kind: "timeout" };
    throw error;
  }
}
