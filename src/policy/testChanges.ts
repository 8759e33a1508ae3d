import type { Finding } from "../domain/evidence.ts";
import { isTestPath } from "./testPaths.ts";
import type { ChangedLine, FileChange } from "./unifiedDiff.ts";

const SKIP =
  /\.(?:skip|only|todo|fails|failing|skipIf|runIf)\b|\b(?:xit|xdescribe|xtest|xcontext|fit|fdescribe|fcontext|pending)\s*\(|\bskip\s*:\s*(?!false)|@tag\s+:?skip|@moduletag\s+:?skip|\bpytest\.(?:mark\.)?(?:skip|xfail)|\bunittest\.skip|\bt\.Skip(?:Now|f)?\s*\(|@(?:Ignore|Disabled)\b|#\[ignore/;

const ASSERTION =
  /\bexpect\b|\bassert\w*|\brefute\w*|\bshould\b|\bt\.(?:is|not|deepEqual|like|throws|equal|ok|same|true|false|truthy|falsy)\b|\bt\.(?:Error|Fatal)f?\b|\bverify\s*\(|\bsnapshot\b/i;

/**
 * Findings about existing tests that a diff deletes, moves, skips or loosens, and about skipped tests in new test
 * files.
 */
export function testFindings(change: FileChange): Finding[] {
  const { oldPath, newPath, kind } = change;
  if (oldPath !== null && isTestPath(oldPath) && (kind === "deleted" || kind === "renamed")) {
    const gone = newPath === null || !isTestPath(newPath);
    const rule = gone ? "deletedTest" : "movedTest";
    return [{ rule, weight: gone ? "hard" : "soft", path: oldPath, line: 0, message: `${oldPath} is no longer there` }];
  }
  const path = newPath ?? oldPath ?? "";
  if (!isTestPath(path)) return [];
  return [...skipped(path, change), ...(kind === "added" ? [] : loosened(path, change))];
}

function skipped(path: string, { added, removed }: FileChange): Finding[] {
  const before = new Set(removed.map(bare));
  return added
    .filter((line) => SKIP.test(line.text) && !before.has(bare(line)))
    .map(({ line }) => ({ rule: "skippedTest", weight: "soft", path, line, message: "skips or singles out a test" }));
}

/** Finds an assertion that was removed or changed. In a recorded snapshot every line is an assertion. */
function loosened(path: string, { added, removed }: FileChange): Finding[] {
  const after = new Set(added.map(bare));
  const recorded = path.toLowerCase().endsWith(".snap");
  const lost = removed.find((line) => (recorded || ASSERTION.test(line.text)) && !after.has(bare(line)));
  if (lost === undefined) return [];
  return [
    { rule: "loosenedTest", weight: "soft", path, line: lost.line, message: "takes away or changes an assertion" },
  ];
}

function bare(line: ChangedLine): string {
  return line.text.replace(/\s+/g, "");
}
