import { createNesting } from "./nesting.ts";
import type { TestReport } from "./testReport.ts";

// ✔ passed, ✖ failed, ﹣ skipped, ⚠ todo, ▶ a suite (before its children, or after them with its duration).
const LINE = /^( *)([✔✖﹣⚠▶]) (.*) \((\d+(?:\.\d+)?)ms\)( #.*)?$/u;

/** What node:test's spec reporter prints. null: this is not it. Marked as todo or skipped: no word either way. */
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
