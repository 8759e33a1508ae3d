import type { TestReport } from "./testReport.ts";

/** The end of a suite's run, as far as its tests can be counted from it. */
interface CountedRun {
  report: TestReport | null;
  /** The runner's output, without terminal escapes. */
  printed: string;
  /** Whether the command exited with 0. */
  passed: boolean;
}

/**
 * How many tests a run executed (passed and failed, not skipped); null: this cannot be told. A run that exits with 0
 * and prints nothing executed none.
 */
export function executedTests({ report, printed, passed }: CountedRun): number | null {
  const named = report?.tests.filter((test) => test.outcome !== "skipped" && !isOnlyAFile(test.name)).length ?? 0;
  if (named > 0) return named;
  if (report !== null && report.tests.length > 0) return 0;
  const said = countIn(printed);
  if (said !== null) return said;
  return report !== null || (passed && isBlank(printed)) ? 0 : null;
}

/** node:test reports a file without a test as a test that has the file's name. */
function isOnlyAFile(name: string): boolean {
  return /^\S*\.[cm]?[jt]sx?$/.test(name);
}

/** Blank, apart from the lines in which a package manager names the script. */
function isBlank(printed: string): boolean {
  return printed.split("\n").every((line) => line.trim() === "" || /^(?:> |\$ |yarn run |Done in )/.test(line));
}

/** Executed tests by a summary line; null: the line is of another kind. */
type Summary = (line: string) => number | null;

const SUMMARIES: readonly Summary[] = [
  // ExUnit: `2 doctests, 5 tests, 0 failures, 1 excluded, 4 skipped`
  (line) =>
    /^(?:\d+ [a-z]+, )*\d+ tests?, \d+ failures?\b/.test(line)
      ? numbers(line, /(\d+) (?:tests?|doctests?|propert(?:y|ies))\b/g) -
        numbers(line, /(\d+) (?:excluded|skipped|invalid)\b/g)
      : null,
  // pytest: `=== 3 passed, 1 skipped in 0.12s ===`
  (line) =>
    /^(?:=+ )?(?:\d+ [a-z]+(?:, )?)+ in [\d.]+ ?s\b/.test(line)
      ? numbers(line, /(\d+) (?:passed|failed|errors?|xpassed)\b/g)
      : null,
  // unittest: `Ran 3 tests in 0.001s`, then `OK (skipped=3)`
  (line) => (/^Ran \d+ tests? in /.test(line) ? numbers(line, /^Ran (\d+)/g) : null),
  (line) => (/^(?:OK|FAILED) \(.*skipped=\d+/.test(line) ? -numbers(line, /skipped=(\d+)/g) : null),
  // mocha, bun, playwright: a line for each result
  (line) =>
    /^\s*\d+ (?:passing|failing|pass|fail|passed|failed)(?: \(.*)?$/.test(line) ? numbers(line, /(\d+) /g) : null,
  // jest `Tests: 1 skipped, 2 passed, 3 total`, vitest `Tests  2 passed | 1 skipped (3)`, tap `# pass 2`
  (line) => (/^\s*Tests:?\s+\d/.test(line) ? numbers(line, /(\d+) (?:passed|failed)\b/g) : null),
  (line) => (/^\s*(?:#|ℹ) (?:pass|fail) +\d+$/.test(line) ? numbers(line, /(\d+)$/g) : null),
  // ava
  (line) => (/^\s*\d+ tests? (?:passed|failed)$/.test(line) ? numbers(line, /(\d+)/g) : null),
  // go: a package for each line
  (line) => (/^(?:ok|FAIL)\s+\S+\s+(?:[\d.]+s|\(cached\))(?!.*no tests to run)/.test(line) ? 1 : null),
  (line) => (/\[no test files\]|\[?no tests to run\]?$/.test(line) ? 0 : null),
  // rspec, minitest, cargo, PHPUnit, deno
  (line) =>
    /^\d+ examples?, \d+ failures?\b/.test(line)
      ? numbers(line, /(\d+) examples?\b/g) - numbers(line, /(\d+) pending\b/g)
      : null,
  (line) =>
    /^\d+ (?:runs|tests), \d+ assertions\b/.test(line)
      ? numbers(line, /^(\d+)/g) - numbers(line, /(\d+) skips\b/g)
      : null,
  (line) => (/^test result: /.test(line) ? numbers(line, /(\d+) (?:passed|failed)\b/g) : null),
  (line) => (/^OK \(\d+ tests?, /.test(line) ? numbers(line, /\((\d+)/g) : null),
  (line) => (/^(?:ok|FAILED) \| \d+ passed/.test(line) ? numbers(line, /(\d+) (?:passed|failed)\b/g) : null),
  // What runners say when they found nothing
  (line) => (NONE.test(line) ? 0 : null),
];

const NONE =
  /\bno tests? (?:files? |suites? )?(?:were |was )?(?:found|ran|run|executed|specified|available|to run)\b|\b(?:there are no|found no|couldn.t find any) (?:tests?|files to test)\b|\bno specs? found\b|\ball tests have been excluded\b|\bcollected 0 items\b|\b0 tests? (?:found|executed|ran)\b/i;

function countIn(printed: string): number | null {
  const found = printed.split("\n").flatMap((line) => {
    const counts = SUMMARIES.map((summary) => summary(line.slice(0, 500))).filter((count) => count !== null);
    return counts.slice(0, 1);
  });
  return found.length === 0
    ? null
    : Math.max(
        0,
        found.reduce((sum, count) => sum + count, 0),
      );
}

/** The sum of the numbers that a pattern captures. */
function numbers(line: string, pattern: RegExp): number {
  return [...line.matchAll(pattern)].reduce((sum, match) => sum + Number(match[1]), 0);
}
