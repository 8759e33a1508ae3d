import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
/** How long the check of one pattern may take, milliseconds. */
const TIMEOUT_MS = 5000;
const UNDECIDED = "could not be shown to be fast: make it shorter, and bound its repetitions ({1,20})";

/**
 * Why a regular expression of the configuration must not run on untrusted text; null if it may. One hostile text can
 * stop ingest through a pattern that takes more than linear time. So a pattern that cannot be decided is refused too.
 */
export function patternFault(pattern: string, ignoreCase: boolean): string | null {
  let compiled: RegExp;
  try {
    compiled = new RegExp(pattern, ignoreCase ? "giu" : "gu");
  } catch (error) {
    return `is no regular expression: ${error instanceof Error ? error.message : String(error)}`;
  }
  if (compiled.test("")) return "matches the empty text, so everything";
  compiled.lastIndex = 0;
  if (compiled.test("[scrubbed:secret]")) return 'matches "[scrubbed:secret]", which stands for what was taken out';
  // The build without a JVM or a native binary. It is loaded only if a pattern is configured.
  const { checkSync }: typeof import("recheck") = require("recheck/lib/browser.js");
  let found: ReturnType<typeof checkSync>;
  try {
    found = checkSync(pattern, ignoreCase ? "iu" : "u", { timeout: TIMEOUT_MS, checker: "automaton" });
  } catch {
    // The checker itself fails on very large numbers.
    return UNDECIDED;
  }
  if (found.status === "safe") return null;
  if (found.status === "vulnerable")
    return `can take ${found.complexity.type} time on a hostile text: bound its repetitions ({1,20}), or begin it with (?<!\\w)`;
  return UNDECIDED;
}
