import { describe, expect, it } from "vitest";
import { executedTests } from "../../../../src/tools/tests/reports/executedTests.ts";
import { readReport } from "../../../../src/tools/tests/reports/readReport.ts";

const count = (printed: string, passed = true, files: Record<string, string> = {}) =>
  executedTests({ report: readReport({ files, printed, roots: [] }), printed, passed });

describe("executed tests, as a run tells them", () => {
  it.each([
    ["nothing", ""],
    ["the package manager alone", "\n> shop@1.0.0 test\n> exit 0\n\n"],
    ["node:test, no file", "TAP version 13\n1..0\n# tests 0\n# suites 0\n# pass 0\n# fail 0\n# skipped 0\n"],
    [
      "node:test, all skipped",
      "TAP version 13\n# Subtest: a\nok 1 - a # SKIP\n1..1\n# tests 1\n# pass 0\n# skipped 1\n",
    ],
    ["node:test, all to do", "TAP version 13\nok 1 - a # TODO\n1..1\n# tests 1\n# pass 0\n# todo 1\n"],
    [
      "node:test, a file without a test",
      "TAP version 13\n# Subtest: /srv/test/a.test.js\nok 1 - /srv/test/a.test.js\n1..1\n",
    ],
    ["node:test, spec reporter", "ℹ tests 0\nℹ suites 0\nℹ pass 0\nℹ fail 0\nℹ cancelled 0\nℹ skipped 0\n"],
    ["vitest, no file", "\n RUN  v4.1.12 /srv\n\nNo test files found, exiting with code 0\n\ninclude: **/*.test.ts\n"],
    [
      "vitest, all skipped",
      " ↓ a.test.ts (1 test | 1 skipped)\n\n Test Files  1 skipped (1)\n      Tests  1 skipped (1)\n",
    ],
    ["jest, no file", "No tests found, exiting with code 0\n"],
    ["jest, all skipped", "Test Suites: 1 skipped, 0 of 1 total\nTests:       2 skipped, 2 total\nTime: 0.2 s\n"],
    ["mocha", "\n\n  0 passing (1ms)\n  2 pending\n"],
    ["tap", "TAP version 14\n1..0 # no tests found\n"],
    ["ava", "\n  ✖ Couldn’t find any files to test\n"],
    ["pytest, no test", "============================ no tests ran in 0.01s ============================\n"],
    ["pytest, all skipped", "ss                                       [100%]\n2 skipped in 0.01s\n"],
    ["pytest, all deselected", "collected 2 items / 2 deselected / 0 selected\n=== 2 deselected in 0.01s ===\n"],
    ["unittest", "\n------\nRan 0 tests in 0.000s\n\nOK\n"],
    ["unittest, all skipped", "ss\n------\nRan 2 tests in 0.000s\n\nOK (skipped=2)\n"],
    ["ExUnit, no test", "There are no tests to run\n"],
    ["ExUnit, all skipped", "**\nFinished in 0.01 seconds\n2 tests, 0 failures, 2 skipped\n"],
    ["ExUnit, all excluded", "All tests have been excluded.\n\n2 tests, 0 failures, 2 excluded\n"],
    ["go", "?   \tshop\t[no test files]\nok  \tshop/cart\t0.01s [no tests to run]\n"],
    ["rspec", "0 examples, 0 failures\n"],
    ["cargo", "running 0 tests\n\ntest result: ok. 0 passed; 0 failed; 3 ignored; 0 measured\n"],
    ["npm's own placeholder", "Error: no test specified\n"],
  ])("%s: none", (_, printed) => {
    expect(count(printed)).toBe(0);
  });

  it.each([
    [2, "TAP version 13\nok 1 - a\nnot ok 2 - b\nok 3 - c # SKIP\n1..3\n"],
    [3, " Test Files  1 passed (1)\n      Tests  1 failed | 2 passed | 4 skipped (7)\n"],
    [2, "Tests:       1 skipped, 2 passed, 3 total\n"],
    [3, "  2 passing (3ms)\n  1 pending\n  1 failing\n"],
    [4, "FF..s\n2 failed, 2 passed, 1 skipped in 0.12s\n"],
    [6, "2 doctests, 5 tests, 1 failure, 1 skipped\n"],
    [2, "Ran 3 tests in 0.001s\n\nOK (skipped=1)\n"],
    [1, "?   \tshop\t[no test files]\nok  \tshop/cart\t0.01s\n"],
    [5, "TAP version 13\n1..0\n\n5 tests, 0 failures\n"],
  ])("%i", (expected, printed) => {
    expect(count(printed)).toBe(expected);
  });

  it("takes a report file of the runner before its words, unless it is empty", () => {
    const empty = JSON.stringify({ numTotalTests: 0, testResults: [] });
    expect(count("all good", true, { "report.json": empty })).toBe(0);
    expect(count("3 tests, 0 failures", true, { "report.json": empty })).toBe(3);
  });

  it("says nothing about a run that does not tell", () => {
    expect(count("everything is fine\n")).toBeNull();
    expect(count("", false)).toBeNull();
  });
});
