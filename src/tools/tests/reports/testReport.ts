/** How one test ended. A test that is marked as expected to fail counts as skipped: it speaks neither way. */
export type TestOutcome = "passed" | "failed" | "skipped";

export interface TestResult {
  /** Suites and title, outermost first, joined by ` > `; with the file in front where the runner tells it. */
  name: string;
  /** Repository-relative, or as the runner prints it; null where the runner does not tell. */
  file: string | null;
  outcome: TestOutcome;
  /** Why it failed, short. */
  message?: string;
}

/** The forms that reports come in. */
export type ReportFormat = "tap" | "nodeSpec" | "junit" | "jestJson" | "mochaJson";

/** A suite's output, test by test. */
export interface TestReport {
  format: ReportFormat;
  tests: TestResult[];
  /** Whether the runner said that it came to its end. */
  complete: boolean;
}

/** Turns a path as the runner saw it into the repository's own. */
export type ToRelative = (path: string) => string;

/** How long a failure's message is kept. */
const MESSAGE_LENGTH = 600;

/** One result; a name on one line, a bounded message. */
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
