import type { Tree } from "../candidate.ts";
import { manifestOf } from "./moduleFormat.ts";

export const FRAMEWORKS = ["vitest", "jest", "mocha", "ava", "tap", "node:test"] as const;
export type FrameworkName = (typeof FRAMEWORKS)[number];

/** The assertion style of a test. */
export type Assertions = "expect" | "assert" | "chai.expect" | "chai.assert" | "should" | "t";

/** The test framework of a project. */
export interface Framework {
  name: FrameworkName;
  assertions: Assertions;
  /** Flags of the project's own test command that a test needs: loaders and hooks. */
  flags: string;
}

const IN_SCRIPT: Record<FrameworkName, RegExp> = {
  vitest: /\bvitest\b/,
  jest: /\bjest\b/,
  mocha: /\bmocha\b/,
  ava: /(?:^|[\s/])ava\b/,
  tap: /(?:^|[\s/])tap\b/,
  "node:test": /\bnode\b.*\s--test\b/,
};

const IN_TEST: Record<FrameworkName, RegExp> = {
  vitest: /from\s+["']vitest["']/,
  jest: /["']@jest\/globals["']|\bjest\.(?:fn|mock|spyOn)\(/,
  mocha: /\brequire\(["']mocha["']\)|from\s+["']mocha["']/,
  ava: /["']ava["']/,
  tap: /["'](?:tap|tape)["']/,
  "node:test": /["']node:test["']/,
};

const HOOKS = /(?:^|\s)(?:--(?:require|import|loader|experimental-loader)|-r)[= ]\S+/g;

/**
 * The project's test framework, from its tests, then its test script, then its other scripts, then its dependencies.
 * The fallback is node:test, because every Node has it.
 */
export async function frameworkOf(file: string, tests: readonly string[], tree: Tree): Promise<Framework> {
  const manifest = await manifestOf(file, tree);
  const script = String(manifest?.scripts?.test ?? "");
  const script2 = Object.values(manifest?.scripts ?? {}).join("\n");
  const installed = { ...manifest?.dependencies, ...manifest?.devDependencies };
  const name =
    most((one) => tests.filter((text) => IN_TEST[one].test(text)).length) ??
    FRAMEWORKS.find((one) => IN_SCRIPT[one].test(script)) ??
    FRAMEWORKS.find((one) => IN_SCRIPT[one].test(script2)) ??
    FRAMEWORKS.find((one) => one in installed) ??
    "node:test";
  const flags = name === "mocha" || name === "node:test" ? (script.match(HOOKS) ?? []).join("") : "";
  return { name, assertions: assertionsOf(name, tests, installed), flags };
}

function most(count: (name: FrameworkName) => number): FrameworkName | null {
  const [first] = FRAMEWORKS.map((name) => ({ name, count: count(name) })).sort((a, b) => b.count - a.count);
  return first === undefined || first.count === 0 ? null : first.name;
}

function assertionsOf(name: FrameworkName, tests: readonly string[], installed: object): Assertions {
  if (name === "vitest" || name === "jest") return "expect";
  if (name === "ava" || name === "tap") return "t";
  if (name === "node:test") return "assert";
  const all = tests.join("\n");
  const chai = /["']chai["']/.test(all) || (all === "" && "chai" in installed);
  if (chai) return /\bexpect\s*\(/.test(all) || !/\bassert\b/.test(all) ? "chai.expect" : "chai.assert";
  return /["']should["']/.test(all) ? "should" : "assert";
}

/** The command that runs one test file with its framework, in the folder of its package. */
export function commandFor({ name, flags }: Framework, path: string): string {
  const file = /^[\w./@-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
  switch (name) {
    case "vitest":
      return `npx --no-install vitest run ${file}`;
    case "jest":
      return `npx --no-install jest --ci --runTestsByPath ${file}`;
    case "mocha":
      return `npx --no-install mocha${flags} ${file}`;
    case "ava":
      return `npx --no-install ava ${file}`;
    case "tap":
      // A tap test is a standalone program. The tap runner would fail it for missing coverage.
      return `node ${file}`;
    case "node:test":
      return `node${flags} --test ${file}`;
  }
}
