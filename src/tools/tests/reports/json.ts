import { z } from "zod";
import { type TestOutcome, type TestReport, type TestResult, type ToRelative, testResult } from "./testReport.ts";

/** The report of `jest --json` and `vitest --reporter=json`. Both use one format; vitest omits some fields. */
const JestReport = z.object({
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      message: z.string().nullish(),
      assertionResults: z.array(
        z.object({
          ancestorTitles: z.array(z.string()).default([]),
          title: z.string(),
          status: z.string(),
          failureMessages: z.array(z.string()).nullish(),
        }),
      ),
    }),
  ),
  wasInterrupted: z.boolean().optional(),
});

const MochaTest = z.object({
  title: z.string(),
  fullTitle: z.string(),
  file: z.string().nullish(),
  err: z.object({ message: z.string().nullish() }).nullish(),
});
/** The report of mocha's json reporter. Failed hooks appear only among the failures. */
const MochaReport = z.object({
  stats: z.object({ tests: z.number() }),
  passes: z.array(MochaTest),
  pending: z.array(MochaTest),
  failures: z.array(MochaTest),
});

/** Parses a JSON report, alone or surrounded by other output. null when there is none. */
export function parseJson(text: string, toRelative: ToRelative): TestReport | null {
  const value = jsonIn(text);
  const jest = JestReport.safeParse(value);
  if (jest.success) {
    const tests = jest.data.testResults.flatMap((file) => testsOfFile(file, toRelative));
    return { format: "jestJson", tests, complete: jest.data.wasInterrupted !== true };
  }
  const mocha = MochaReport.safeParse(value);
  if (!mocha.success) return null;
  const { passes, pending, failures, stats } = mocha.data;
  const tests = [
    ...passes.map((test) => ofMocha(test, "passed", toRelative)),
    ...pending.map((test) => ofMocha(test, "skipped", toRelative)),
    ...failures.map((test) => ofMocha(test, "failed", toRelative)),
  ];
  return { format: "mochaJson", tests, complete: tests.length >= stats.tests };
}

function testsOfFile(file: z.infer<typeof JestReport>["testResults"][number], toRelative: ToRelative): TestResult[] {
  const path = toRelative(file.name);
  const tests = file.assertionResults.map((test) =>
    testResult([path, ...test.ancestorTitles, test.title], outcomeOf(test.status), {
      file: path,
      message: test.failureMessages?.[0],
    }),
  );
  // The file itself failed: it does not load, or code around its tests threw.
  if (file.status !== "failed" || tests.some((test) => test.outcome === "failed")) return tests;
  return [...tests, testResult([path], "failed", { file: path, message: file.message ?? undefined })];
}

function outcomeOf(status: string): TestOutcome {
  return status === "passed" ? "passed" : status === "failed" ? "failed" : "skipped";
}

function ofMocha(test: z.infer<typeof MochaTest>, outcome: TestOutcome, toRelative: ToRelative): TestResult {
  const file = test.file ? toRelative(test.file) : null;
  return testResult([file ?? "", test.fullTitle], outcome, { file, message: test.err?.message ?? undefined });
}

/** The JSON object from a brace at a line start to the last brace of the text; null when none parses. */
function jsonIn(text: string): unknown {
  const end = text.lastIndexOf("}");
  if (end === -1) return null;
  for (const start of startsOf(text)) {
    try {
      return JSON.parse(text.slice(start, end + 1));
    } catch {
      // Other output that starts with a brace.
    }
  }
  return null;
}

const MAX_STARTS = 20;

function startsOf(text: string): number[] {
  return [...text.matchAll(/^\{/gm)].slice(0, MAX_STARTS).map((match) => match.index);
}
