import { type TestOutcome, type TestResult, testResult } from "./testReport.ts";

/** Collects results of a runner that prints a parent after its children, each level further indented. */
export interface Nesting {
  /**
   * Adds a result at a depth (0: outermost). Results added one level deeper since the previous one are its children.
   */
  add(depth: number, name: string, outcome: TestOutcome): void;
  /** Sets the failure message of the result that was added last. */
  message(text: string): void;
  /** Sets the file of the result that was added last. */
  file(path: string): void;
  /** Ends a parent that has no result of its own. */
  close(depth: number, name: string): void;
  /** All results, and how many of them are at the outermost level. */
  end(): { tests: TestResult[]; outermost: number };
}

interface Open {
  path: string[];
  outcome: TestOutcome;
  message?: string;
  file?: string;
}

/**
 * Creates an empty nesting. A parent counts as a test only if it failed and none of its children did (a hook, a plan
 * that was not met).
 */
export function createNesting(): Nesting {
  const levels: Open[][] = [];
  let last: Open | undefined;
  let outermost = 0;
  const at = (depth: number): Open[] => {
    while (levels.length <= depth) levels.push([]);
    return levels[depth] ?? [];
  };
  const childrenOf = (depth: number, name: string): Open[] => {
    const deeper = levels.splice(depth + 1).flat();
    return deeper.map((child) => Object.assign(child, { path: [name, ...child.path] }));
  };
  return {
    add(depth, name, outcome) {
      const children = childrenOf(depth, name);
      const own: Open = { path: [name], outcome };
      const explained = children.some((child) => child.outcome === "failed");
      const keep = children.length === 0 || (outcome === "failed" && !explained);
      at(depth).push(...children, ...(keep ? [own] : []));
      last = keep ? own : undefined;
      if (depth === 0) outermost += 1;
    },
    message(text) {
      if (last !== undefined && last.message === undefined) last.message = text;
    },
    file(path) {
      if (last !== undefined) last.file ??= path;
    },
    close(depth, name) {
      at(depth).push(...childrenOf(depth, name));
    },
    end() {
      const all = levels.flat();
      return {
        tests: all.map(({ path, outcome, file = null, message }) => testResult(path, outcome, { file, message })),
        outermost,
      };
    },
  };
}
