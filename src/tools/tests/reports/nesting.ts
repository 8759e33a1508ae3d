import { type TestOutcome, type TestResult, testResult } from "./testReport.ts";

/** Results of a runner that prints a parent after its children, each level further in. */
export interface Nesting {
  /** A result at a depth (0: outermost). What was seen one level deeper since then are its children. */
  add(depth: number, name: string, outcome: TestOutcome): void;
  /** Belongs to the result that was added last. */
  message(text: string): void;
  file(path: string): void;
  /** A parent that says nothing of its own. */
  close(depth: number, name: string): void;
  /** All results, and how many there are at the outermost level. */
  end(): { tests: TestResult[]; outermost: number };
}

interface Open {
  path: string[];
  outcome: TestOutcome;
  message?: string;
  file?: string;
}

/** A parent counts as a test of its own only when it failed and none of its children did (a hook, a plan not kept). */
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
