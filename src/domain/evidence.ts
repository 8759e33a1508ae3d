import { z } from "zod";
import { ReproductionKind, ReproductionOrigin } from "./reproduction.ts";

/** What was observed, never claimed. E0 applies and builds; E1 suite: nothing that passed on the base fails on the patch;
 * E2 = E1 + a reproduction red on the base with this exception at this place, green on the patch; E3 = E2 +
 * no recurrence through the soak window. */
export const Grade = z.enum(["none", "E0", "E1", "E2", "E3"]);
export type Grade = z.infer<typeof Grade>;

const GRADES = Grade.options;

/** Whether `grade` is at least `wanted`. */
export function atLeast(grade: Grade, wanted: Grade): boolean {
  return GRADES.indexOf(grade) >= GRADES.indexOf(wanted);
}

/** How strongly a command was confined. bubblewrap: no network, own file system, no secrets; namespaces: no network,
 * own mounts; none: only a cleared environment. */
export const SandboxGrade = z.enum(["bubblewrap", "namespaces", "none"]);
export type SandboxGrade = z.infer<typeof SandboxGrade>;

/** How a process ended. Exit, signal and timeout are three different things. */
export const ProcessEnd = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("exit"), code: z.number().int() }),
  z.object({ kind: z.literal("signal"), signal: z.string() }),
  z.object({ kind: z.literal("timeout"), afterMs: z.number() }),
  z.object({ kind: z.literal("unstartable"), reason: z.string() }),
]);
export type ProcessEnd = z.infer<typeof ProcessEnd>;

/** How a process ended, in words. */
export function describeEnd(end: ProcessEnd): string {
  switch (end.kind) {
    case "exit":
      return `exit ${end.code}`;
    case "signal":
      return `killed by ${end.signal}`;
    case "timeout":
      return `timed out after ${end.afterMs} ms`;
    case "unstartable":
      return `could not start: ${end.reason}`;
  }
}

/** One command that was run to gather Evidence; its output is kept as a blob. */
export const Observation = z.object({
  command: z.string(),
  /** Which tree it ran on. */
  on: z.enum(["base", "patch"]),
  end: ProcessEnd,
  durationMs: z.number(),
  sandbox: SandboxGrade,
  /** Digest of the blob with stdout and stderr. */
  output: z.string(),
  /** The last lines of the output, for people; scrubbed. */
  tail: z.string().max(4096),
});
export type Observation = z.infer<typeof Observation>;

/** How many tests of a suite ended how. */
const TestCounts = z.object({
  passed: z.number().int().nonnegative(),
  failed: z.number().int().nonnegative(),
  skipped: z.number().int().nonnegative(),
});

const TestNames = z.array(z.string().max(500)).max(50);

/** The suite before and after, test by test. Names and messages are what the tests print: untrusted. */
export const SuiteTests = z.object({
  /** The form of the report that was read. */
  format: z.string(),
  base: TestCounts,
  /** null: the suite was not run on the patch, or told no tests there. */
  patch: TestCounts.nullable(),
  /** Passed on the base or were not there, and fail on the patch. */
  broken: z.array(z.object({ name: z.string().max(500), message: z.string().max(600) })).max(50),
  /** Passed on the base, and are gone or skipped on the patch. */
  missing: TestNames,
  /** Failed on the base, and pass on the patch. */
  mended: TestNames,
  stillFailing: TestNames,
});
export type SuiteTests = z.infer<typeof SuiteTests>;

/** A type check or a linter, on the base and on the patch. */
export const CheckPair = z.object({
  base: Observation,
  patch: Observation,
  /** Faults that the base did not have. */
  newFaults: z.number().int().nonnegative(),
});
export type CheckPair = z.infer<typeof CheckPair>;

/** What the tester saw about one Patch. */
export const Evidence = z.object({
  patchDigest: z.string(),
  baseCommit: z.string(),
  grade: Grade,
  suiteBase: Observation.nullable(),
  suitePatch: Observation.nullable(),
  reproductionBase: Observation.nullable(),
  reproductionPatch: Observation.nullable(),
  buildPatch: Observation.nullable(),
  /** What the reproduction was; absent: the service's own command. */
  reproduction: z.object({ kind: ReproductionKind, origin: ReproductionOrigin }).optional(),
  /** null: the suite's output tells no tests, only whether it passed. */
  suiteTests: SuiteTests.nullable().optional(),
  typeCheck: CheckPair.nullable().optional(),
  lint: CheckPair.nullable().optional(),
  /** Lines that the patch adds and that can run, and how many of them ran in suite and reproduction. null: not measured. */
  changedLinesCovered: z
    .object({ covered: z.number().int().nonnegative(), total: z.number().int().nonnegative() })
    .nullable()
    .optional(),
  /** The weakest grade any of the commands ran under. */
  sandbox: SandboxGrade,
  /** A patch that changes or removes existing tests cannot be E2. */
  touchesExistingTests: z.boolean(),
  /** An infrastructure failure is evidence neither way; in words, or null. */
  infrastructure: z.string().nullable(),
  /** What falls short, by name. */
  shortfalls: z.array(z.string()),
  /** What was not checked, by name. */
  notChecked: z.array(z.string()),
});
export type Evidence = z.infer<typeof Evidence>;

/** One thing a scanner or the diff policy found in a diff. */
export const Finding = z.object({
  rule: z.string(),
  /** hard: refuse. soft: a person must look. */
  weight: z.enum(["hard", "soft"]),
  path: z.string(),
  line: z.number().int().nonnegative(),
  message: z.string(),
});
export type Finding = z.infer<typeof Finding>;

/** The security reviewer's report on one Patch. */
export const Review = z.object({
  patchDigest: z.string(),
  /** Who reviewed: scanners, and a model where one is configured. */
  by: z.array(z.string()).min(1),
  findings: z.array(Finding),
  /** Scanners that could not run; never silently clean. */
  unavailable: z.array(z.string()),
});
export type Review = z.infer<typeof Review>;
