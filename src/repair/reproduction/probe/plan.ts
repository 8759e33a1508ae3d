import type { FunctionMark, Step } from "./reach.ts";
import type { Shape } from "./shape.ts";

/** The exception that is to happen again. */
export interface Wanted {
  type: string;
  message: string;
  /** The topmost frame in the repository. */
  file: string;
  function: string | null;
  line: number | null;
}

/** One function that may lead to the exception: where it crashed, or a caller of that. */
export interface Target {
  /** Repository-relative. */
  file: string;
  module: "esm" | "cjs";
  fn: FunctionMark;
  /** What is known of its arguments; undefined stands for what is not. */
  known: Shape[];
  /** What it takes its arguments for. */
  typical: Shape[];
  /** Functions around it that could make it, the innermost first. */
  makers: { fn: FunctionMark; typical: Shape[] }[];
  literals: Record<string, (string | number | boolean | null)[]>;
}

/** What the probe is started with, as JSON beside it. */
export type ProbePlan =
  | { mode: "search"; wanted: Wanted; targets: Target[]; budgetMs: number }
  | { mode: "value"; call: Call };

/** A call as a test can write it: the module, the way to the function, and one root an argument, in the order of the steps. */
export interface Call {
  file: string;
  module: Target["module"];
  steps: Step[];
  roots: Shape[];
  isAsync: boolean;
}

/** One line of the probe's output behind MARK. */
export type ProbeLine =
  | { found: Call; target: number; kind: "exact" | "near"; runs: number }
  | { note: string }
  /** JSON; null: not plain. */
  | { value: string | null };

export const MARK = "@@selfheal ";
