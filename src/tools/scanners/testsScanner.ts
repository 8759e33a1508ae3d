import type { Scanner } from "../../domain/ports/scanner.ts";
import { isTestPath } from "../tests/testCommand.ts";
import { type Hit, newHits } from "./newHits.ts";

/** Ways to skip a test in JavaScript, Elixir, Python and Go. */
const SKIPS = [
  /\.\s*(?:skip|only|todo|skipIf|runIf|fails|concurrent\.skip)\b/g,
  /\b(?:xit|xtest|xdescribe|xcontext|fit|fdescribe)\s*\(/g,
  /\bskip\s*:\s*(?!false\b)[^,}\s]+/g,
  /@(?:module)?tag\s+:?(?:skip|pending)\b|@tag\s+skip:/g,
  /@(?:pytest\.mark\.|unittest\.)(?:skip|xfail|skipIf|expectedFailure)\w*/g,
  /\bpytest\.skip\b|\bt\.Skip(?:f|Now)?\b/g,
];
/** Assertions in tests. */
const ASSERTION = /\b(?:expect|assert\w*|refute\w*|should|t\.(?:Error|Fatal)f?|throws|rejects)\b\s*[.( ]/g;

/**
 * Finds tests that a patch skips, and test files with fewer assertions than before. It matches text, so it works in
 * every language.
 */
export function createTestsScanner(): Scanner {
  return {
    name: "tests",
    async scan(change) {
      const skipped = await newHits(change, (path, content) => (isTestPath(path) ? skipsIn(content) : []));
      const paths = [...change.before.keys()].filter(isTestPath);
      const weakened = paths.flatMap((path) => {
        const lost = assertions(change.before.get(path) ?? "") - assertions(change.after.get(path) ?? "");
        if (lost <= 0) return [];
        return [
          {
            rule: "loosenedTest",
            weight: "hard" as const,
            path,
            line: 0,
            message: `${lost} fewer assertions than before`,
          },
        ];
      });
      return [...skipped, ...weakened];
    },
  };
}

function skipsIn(content: string): Hit[] {
  return content.split("\n").flatMap((line, i) =>
    SKIPS.flatMap((pattern) => line.slice(0, 1000).match(pattern) ?? []).map(
      (text): Hit => ({
        rule: "skippedTest",
        weight: "hard",
        line: i + 1,
        message: `a test is kept from running: ${text.trim()}`,
        text,
      }),
    ),
  );
}

function assertions(content: string): number {
  return content.match(ASSERTION)?.length ?? 0;
}
