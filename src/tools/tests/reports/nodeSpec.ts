import { createNesting } from "./nesting.ts";
import type { TestReport } from "./testReport.ts";

// ✔ passed, ✖ failed, ﹣ skipped, ⚠ todo, ▶ a suite (before its children, or after them with its duration).
const LINE = /^( *)([✔✖﹣⚠▶]) (.*) \((\d+(?:\.\d+)?)ms\)( #.*)?$/u;

/**
 * Parses the output of node:test's spec reporter. null for other text. Tests marked as todo or skipped count as
 * skipped.
 */
export function parseNodeSpec(output: string): TestReport | null {
  const count = /^ℹ tests (\d+)$/m.exec(output)?.[1];
  const [results = ""] = output.split(/^✖ failing tests:$/m);
  const nesting = createNesting();
  for (const line of results.split("\n")) {
    const match = LINE.exec(line);
    if (match === null) continue;
    const [, indent = "", sign, name = "", , directive] = match;
    const depth = Math.floor(indent.length / 2);
    const marked = directive !== undefined || sign === "﹣" || sign === "⚠";
    if (sign === "▶") nesting.close(depth, name);
    else nesting.add(depth, name, marked ? "skipped" : sign === "✔" ? "passed" : "failed");
  }
  const { tests } = nesting.end();
  if (tests.length === 0 && count === undefined) return null;
  return { format: "nodeSpec", tests, complete: count !== undefined };
}
