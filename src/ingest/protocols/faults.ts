import type { Fault } from "../../domain/errors.ts";
import type { Refusal, RefusalCode } from "./contract.ts";

/** A body of which nothing can be kept, and for which sending it again is no use. `events`: how many that loses. */
export function unreadable(code: RefusalCode, message: string, events = 1): Refusal {
  return { code, message, faults: [{ path: "", message }], retryAfterS: null, events };
}

/** What to say about faults in one line. */
export function summaryOf(faults: readonly Fault[]): string {
  return faults.map((fault) => (fault.path === "" ? fault.message : `${fault.path}: ${fault.message}`)).join("; ");
}

/** A fault of one of several Events: `[3].exception.type`. */
export function within(index: number, fault: Fault): Fault {
  return { path: fault.path === "" ? `[${index}]` : `[${index}].${fault.path}`, message: fault.message };
}
