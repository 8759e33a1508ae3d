/** How one test ended. A test marked as expected to fail counts as skipped: it is evidence for neither side. */
export type TestOutcome = "passed" | "failed" | "skipped";

/** The result of one test. */
export interface TestResult {
  /** Suites and title, outermost first, joined by ` > `. The file comes first if the runner reports it. */
  name: string;
  /** Repository-relative path, or the path as the runner prints it; null if the runner does not report it. */
  file: string | null;
  outcome: TestOutcome;
  /** Why the test failed, at most 600 characters. */
  message?: string;
}

/** The supported report formats. */
export type ReportFormat = "tap" | "nodeSpec" | "junit" | "jestJson" | "mochaJson";

/** The results of a suite's run, per test. */
export interface TestReport {
  format: ReportFormat;
  tests: TestResult[];
  /** Whether the runner reported that it finished. */
  complete: boolean;
}

/** Converts a path as the runner saw it to a repository-relative path. */
export type ToRelative = (path: string) => string;

/** Characters kept of a failure message. */
const MESSAGE_LENGTH = 600;

/** Makes a test result: the name in one line of at most 500 characters, and a message only for a failure. */
export function testResult(
  path: readonly string[],
  outcome: TestOutcome,
  more: { file?: string | null; message?: string | undefined } = {},
): TestResult {
  const names = path.map((part) => part.replace(/\s+/g, " ").trim()).filter((part) => part !== "");
  const message = more.message?.trim().slice(0, MESSAGE_LENGTH);
  return {
    name: names.join(" > ").slice(0, 500) || "(unnamed)",
    file: more.file ?? null,
    outcome,
    ...(outcome === "failed" && message !== undefined && message !== "" && { message }),
  };
}
