import type { ProcessEnd } from "../../domain/evidence.ts";
import { outcomeOf } from "./observeCommand.ts";

/** How a type check or linter ended, and what it printed. */
export interface CheckRun {
  end: ProcessEnd;
  output: string;
}

/**
 * How many faults a type check or linter reports on the patch and not on the base. Compares the text of the lines that
 * name a fault, without their positions, so a moved fault is not a new one. If no line is recognised, compares the
 * number of lines.
 */
export function newFaults(base: CheckRun, patch: CheckRun): number {
  if (outcomeOf(patch.end) !== "failed") return 0;
  const before = faultLines(base.output);
  const after = faultLines(patch.output);
  if (after.length === 0) {
    // It fails now and passed before. Whatever the reason, that is one fault.
    if (outcomeOf(base.end) === "passed") return 1;
    return Math.max(0, linesOf(patch.output).length - linesOf(base.output).length);
  }
  const known = new Map<string, number>();
  for (const line of before) known.set(line, (known.get(line) ?? 0) + 1);
  let found = 0;
  for (const line of after) {
    const left = known.get(line) ?? 0;
    if (left === 0) found += 1;
    else known.set(line, left - 1);
  }
  return found === 0 && outcomeOf(base.end) === "passed" ? 1 : found;
}

/** `a.ts(3,4): error TS1:`, `a.ts:3:4 - error`, `  3:4  warning  …  rule`, `a.py:3: error:`. */
const FAULT = /\b(?:error|warning)\b|^\s*\S*?\d+:\d+\b|\(\d+,\d+\):/i;
/** Summary lines change with every fault and are not faults themselves. */
const SUMMARY = /^\W*(?:found\s+)?\d+\s+(?:errors?|warnings?|problems?)\b|^npm (?:error|ERR!|warn)/i;

function faultLines(output: string): string[] {
  return linesOf(output)
    .filter((line) => FAULT.test(line) && !SUMMARY.test(line))
    .map((line) => line.replace(/\(\d+,\d+\)|(?<=\D|^)\d+:\d+|:\d+(?=:|\b)/g, "#").trim());
}

function linesOf(output: string): string[] {
  return output.split("\n").filter((line) => line.trim() !== "");
}
