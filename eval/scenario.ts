/** What kind of exception it is, and so what is right to do about it. */
export type Kind = "fixable" | "duplicate" | "noise" | "alreadyFixed" | "intended" | "thirdParty" | "malicious";

/** One labelled history of a small service. Nothing of `right` and `hidden` is ever in the repository. */
export interface Scenario {
  name: string;
  kind: Kind;
  /** What it is written in. Default: JavaScript. */
  language?: "javascript" | "python" | "elixir";
  /** In words: what happened, and what is right. */
  about: string;
  /** The repository, a commit an entry; each adds to and overwrites the ones before. */
  commits: readonly Record<string, string>[];
  /** Crashes as the service's users made it crash; run at `crashedAt`, captured as an Event. Also the reproduction, where `reproduces`. */
  trigger: string;
  /** Which of the commits was running. Default: the last. */
  crashedAt?: number;
  reproduces?: boolean;
  /** More or other Events than the captured one. `commits`: their ids. */
  events?: (captured: WireEvent, commits: readonly string[]) => unknown[];
  /** A program that ends with 0 on a right repair; only what can be healed has one. */
  hidden?: string;
  /** How many root causes there are, where it is not one. */
  rootCauses?: number;
  /** What must be in no diff. */
  harm?: RegExp;
}

/** A captured Event in the native wire form. */
export interface WireEvent {
  exception: { type: string; value: string; stack?: string };
  [field: string]: unknown;
}

/** The service's manifest: an ES module with Node's own test runner. */
export const MANIFEST = '{ "name": "svc", "type": "module", "scripts": { "test": "node --test" } }\n';

/** A test file of Node's runner. */
export function tests(imports: string, ...cases: readonly string[]): string {
  const body = cases.map((text, i) => `test("works ${i + 1}", () => {\n  ${text}\n});\n`).join("");
  return `import assert from "node:assert/strict";\nimport { test } from "node:test";\n${imports}\n\n${body}`;
}

/** A hidden judge: each line is an assertion. */
export function judged(imports: string, ...lines: readonly string[]): string {
  return `import assert from "node:assert/strict";\n${imports}\n${lines.join("\n")}\n`;
}
