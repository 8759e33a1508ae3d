import { z } from "zod";
import { TrustTier } from "./event.ts";
import { ReproductionKind, ReproductionOrigin } from "./reproduction.ts";

/**
 * How strong the Evidence is. It rests on observations only. E0: the Patch applies and builds. E1: no test that passed
 * on the base fails on the Patch. E2: E1, and a reproduction that fails on the base with this exception at this
 * location and passes on the Patch. E3: E2, and no recurrence through the soak window.
 */
export const Grade = z.enum(["none", "E0", "E1", "E2", "E3"]);
export type Grade = z.infer<typeof Grade>;

const GRADES = Grade.options;

/** Whether `grade` is at least `wanted`. */
export function atLeast(grade: Grade, wanted: Grade): boolean {
  return GRADES.indexOf(grade) >= GRADES.indexOf(wanted);
}

/**
 * How strongly a command was confined. bubblewrap: no network, own file system, no secrets. namespaces: no network, own
 * mounts. none: only a cleared environment.
 */
export const SandboxGrade = z.enum(["bubblewrap", "namespaces", "none"]);
export type SandboxGrade = z.infer<typeof SandboxGrade>;

/** How a process ended. Exit, signal, timeout and a failed start are kept apart. */
export const ProcessEnd = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("exit"), code: z.number().int() }),
  z.object({ kind: z.literal("signal"), signal: z.string() }),
  z.object({ kind: z.literal("timeout"), afterMs: z.number() }),
  z.object({ kind: z.literal("unstartable"), reason: z.string() }),
]);
export type ProcessEnd = z.infer<typeof ProcessEnd>;

/** A process end in words, such as `exit 1`. */
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

/** One command that was run to gather Evidence. Its output is stored as a blob. */
export const Observation = z.object({
  command: z.string(),
  /** The tree that the command ran on. */
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

/** Numbers of tests by result. */
const TestCounts = z.object({
  passed: z.number().int().nonnegative(),
  failed: z.number().int().nonnegative(),
  skipped: z.number().int().nonnegative(),
});

const TestNames = z.array(z.string().max(500)).max(50);

/**
 * The suite on the base and on the Patch, test by test. Names and messages are untrusted, because the tests print them.
 */
export const SuiteTests = z.object({
  /** The format of the report that was parsed. */
  format: z.string(),
  base: TestCounts,
  /** null: the suite was not run on the Patch, or its report listed no tests. */
  patch: TestCounts.nullable(),
  /** Tests that fail on the Patch, and passed on the base or did not exist there. */
  broken: z.array(z.object({ name: z.string().max(500), message: z.string().max(600) })).max(50),
  /** Tests that passed on the base, and are absent or skipped on the Patch. */
  missing: TestNames,
  /** Tests that failed on the base and pass on the Patch. */
  mended: TestNames,
  stillFailing: TestNames,
});
export type SuiteTests = z.infer<typeof SuiteTests>;

/** A type check or a linter, run on the base and on the Patch. */
export const CheckPair = z.object({
  base: Observation,
  patch: Observation,
  /** Faults that the base did not have. */
  newFaults: z.number().int().nonnegative(),
});
export type CheckPair = z.infer<typeof CheckPair>;

/** What the tester observed about one Patch. */
export const Evidence = z.object({
  patchDigest: z.string(),
  baseCommit: z.string(),
  /** The lowest trust tier of the Events that the proof used. Absent in old Evidence: it counts as T0. */
  trustTier: TrustTier.optional(),
  grade: Grade,
  suiteBase: Observation.nullable(),
  suitePatch: Observation.nullable(),
  reproductionBase: Observation.nullable(),
  reproductionPatch: Observation.nullable(),
  buildPatch: Observation.nullable(),
  /** The kind of reproduction; absent: the service's own command. */
  reproduction: z.object({ kind: ReproductionKind, origin: ReproductionOrigin }).optional(),
  /** null: the suite's output lists no tests and shows only whether the suite passed. */
  suiteTests: SuiteTests.nullable().optional(),
  typeCheck: CheckPair.nullable().optional(),
  lint: CheckPair.nullable().optional(),
  /**
   * Executable lines that the Patch adds (`total`), and how many of them ran in suite and reproduction (`covered`).
   * null: not measured.
   */
  changedLinesCovered: z
    .object({ covered: z.number().int().nonnegative(), total: z.number().int().nonnegative() })
    .nullable()
    .optional(),
  /** The weakest sandbox of all commands that were run. */
  sandbox: SandboxGrade,
  /** A patch that changes or removes existing tests cannot be E2. */
  touchesExistingTests: z.boolean(),
  /**
   * Files of the Patch that judge it (what the commands name and load, tests, runner configuration). The base's were
   * used. Absent in old Evidence.
   */
  judgeTouched: z.array(z.string()).optional(),
  /**
   * A description of an infrastructure failure, which says nothing for or against the Patch; null if there was none.
   */
  infrastructure: z.string().nullable(),
  /** Names of the checks that were not passed. */
  shortfalls: z.array(z.string()),
  /** Names of what was not checked. */
  notChecked: z.array(z.string()),
});
export type Evidence = z.infer<typeof Evidence>;

/** One finding of a scanner or of the diff policy. */
export const Finding = z.object({
  rule: z.string(),
  /** hard: the gate refuses the Patch. soft: a person must look at it. */
  weight: z.enum(["hard", "soft"]),
  path: z.string(),
  line: z.number().int().nonnegative(),
  message: z.string(),
});
export type Finding = z.infer<typeof Finding>;

/**
 * Whether a Patch consists of admitted edits only (`src/policy/admittedEdits`). It is admitted if `findings` is empty
 * and `entries` is not.
 */
export const Admission = z.object({
  /** The entries of the closed list that explain the Patch. */
  entries: z.array(z.string()),
  /** Why it is not admitted, each a question for a person. */
  findings: z.array(Finding),
});
export type Admission = z.infer<typeof Admission>;

/** The security reviewer's report on one Patch. */
export const Review = z.object({
  patchDigest: z.string(),
  /** The reviewers: scanners, and a model where one is configured. */
  by: z.array(z.string()).min(1),
  findings: z.array(Finding),
  /** Scanners that could not run. They must never count as clean. */
  unavailable: z.array(z.string()),
  /** Absent in reports from before admitted edits: then the Patch is not admitted. */
  admission: Admission.optional(),
});
export type Review = z.infer<typeof Review>;
