import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { checkSync } from "recheck";
import ts from "typescript";
import { expect, test } from "vitest";
import { STANDSTILL_MS } from "../helpers/patience.ts";

// The build without a JVM or a native binary: the same on every machine.
process.env.RECHECK_BACKEND = "pure";

const SOURCE = join(import.meta.dirname, "../../src/ingest");

/** Every regular expression that ingest is written with. */
function regexes(): { file: string; source: string; flags: string }[] {
  return readdirSync(SOURCE, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .flatMap((file) => {
      const text = ts.createSourceFile(file, readFileSync(join(SOURCE, file), "utf8"), ts.ScriptTarget.Latest, true);
      const found: { file: string; source: string; flags: string }[] = [];
      const visit = (node: ts.Node): void => {
        if (ts.isRegularExpressionLiteral(node)) {
          const end = node.text.lastIndexOf("/");
          found.push({ file, source: node.text.slice(1, end), flags: node.text.slice(end + 1) });
        }
        ts.forEachChild(node, visit);
      };
      visit(text);
      return found;
    });
}

/** Their patterns look around, which the checker cannot follow to the end; what they are given is cut to a length first. */
const UNDECIDED = new Set([
  "privacy/secretAssignments.ts",
  "grouping/previousAlgorithm/familyV1.ts",
  "grouping/previousAlgorithm/templateV1.ts",
  "stacks/frame.ts",
  "grouping/location.ts",
  "privacy/redactText.ts",
  "privacy/sensitivePatterns.ts",
  "grouping/messageTemplate.ts",
]);
/** Quadratic, on a function's name of at most 256 characters. */
const SHORT_INPUT = new Set(["[/<]+$"]);

test("no regular expression of ingest takes more than linear time, whatever is sent", () => {
  const all = regexes();
  expect(all.length).toBeGreaterThan(50);
  const bad = all.flatMap(({ file, source, flags }) => {
    // Those that it cannot decide take all the time they are given; the others what a busy machine makes of a moment.
    const timeout = UNDECIDED.has(file) ? 1000 : STANDSTILL_MS;
    const { status } = checkSync(source, flags, { timeout, checker: "automaton" });
    if (status === "safe" || (status === "unknown" && UNDECIDED.has(file)) || SHORT_INPUT.has(source)) return [];
    return [`${file}: ${status}: /${source}/${flags}`];
  });
  expect(bad).toEqual([]);
});
