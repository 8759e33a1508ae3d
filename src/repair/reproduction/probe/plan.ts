import type { FunctionMark, Step } from "./functionPath.ts";
import type { Shape } from "./shape.ts";

/** The exception to reproduce. */
export interface Wanted {
  type: string;
  message: string;
  /** The topmost frame in the repository. */
  file: string;
  function: string | null;
  line: number | null;
}

/** A function that may lead to the exception: the one that crashed, or one of its callers. */
export interface Target {
  /** Path relative to the repository. */
  file: string;
  module: "esm" | "cjs";
  fn: FunctionMark;
  /** Known argument values; undefined where unknown. */
  known: Shape[];
  /** The shape that the function expects for each argument. */
  typical: Shape[];
  /** Enclosing functions that could create this function, innermost first. */
  makers: { fn: FunctionMark; typical: Shape[] }[];
  /** Literals that the file compares with, by the name of what is compared; "" for all of them. */
  literals: Record<string, (string | number | boolean | null)[]>;
}

/** The probe's input, as `plan.json` beside it. `budgetMs` in milliseconds, for all targets together. */
export type ProbePlan =
  | { mode: "search"; wanted: Wanted; targets: Target[]; budgetMs: number }
  | { mode: "value"; call: Call };

/**
 * A call that a test can contain: the module, the path to the function, and one root per argument, in the order of the
 * steps.
 */
export interface Call {
  file: string;
  module: Target["module"];
  steps: Step[];
  roots: Shape[];
  isAsync: boolean;
}

/** One line of the probe's output, after MARK. */
export type ProbeLine =
  | { found: Call; target: number; kind: "exact" | "near"; runs: number }
  | { note: string }
  /** JSON of the returned value; null when JSON cannot represent it or it is too large. */
  | { value: string | null };

/** Prefix of the probe's own lines on stdout. Other output comes from the code under test. */
export const MARK = "@@selfheal ";
