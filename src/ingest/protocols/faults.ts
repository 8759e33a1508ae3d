import type { Fault } from "../../domain/errors.ts";
import type { Refusal, RefusalCode } from "./contract.ts";

/** The refusal of a body that cannot be read, so that a retry cannot succeed. `events` is the number of Events lost. */
export function unreadable(code: RefusalCode, message: string, events = 1): Refusal {
  return { code, message, faults: [{ path: "", message }], retryAfterS: null, events };
}

/** Formats faults in one line. */
export function summaryOf(faults: readonly Fault[]): string {
  return faults.map((fault) => (fault.path === "" ? fault.message : `${fault.path}: ${fault.message}`)).join("; ");
}

/** Adds the index of an Event to the path of its fault: `[3].exception.type`. */
export function within(index: number, fault: Fault): Fault {
  return { path: fault.path === "" ? `[${index}]` : `[${index}].${fault.path}`, message: fault.message };
}

/** The HTTP status of each refusal. A protocol whose clients read some of them differently replaces those. */
export const STATUS: Readonly<Record<RefusalCode, number>> = {
  unauthorized: 401,
  invalid: 400,
  tooLarge: 413,
  tooDeep: 400,
  unsupportedEncoding: 415,
  rateLimited: 429,
  cpuLimited: 429,
  queueFull: 429,
  unavailable: 503,
  repeatedDelivery: 409,
  internal: 500,
};
