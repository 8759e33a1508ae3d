import { describePastFix } from "../prompting/pastFixes.ts";
import { oneLine, type Quoter } from "../prompting/untrustedText.ts";
import type { CoderInput } from "./contract.ts";
import type { TestFrame } from "./reproducing/testDraft.ts";

/**
 * Increase it with every change of the texts below and of the tools. It is part of the brain's name, so that a receipt
 * shows which wording was used.
 */
export const version = "coder-4";

const SYSTEM = `You repair one exception in a git working tree, with tools only. Work like a careful maintainer:
1. Read the code around the crash, and search where the bad value comes from; git_blame and git_show tell what a line was before.
2. Change as little as possible: repair the cause, keep every other behaviour, keep the style of the file. Never swallow the exception, never special-case the one input that was seen, never weaken a check.
3. Call run_tests after your last edit. It reproduces the exception and runs the suite. When it fails, change your mind and edit again.
4. Call finish with a short explanation, or abstain when you cannot repair it honestly.
Only the files named below can be edited; tests, dependencies, build and configuration never can. No new dependency, no network, no process, no environment variable.
Every reply calls a tool.`;

export function systemPrompt(quoter: Quoter): string {
  return `${SYSTEM}\n${quoter.notice}`;
}

/** The first message to the model coder. All text by others is quoted, except a person's guidance, which is trusted. */
export function userPrompt(
  input: Pick<CoderInput, "plan" | "attempt" | "feedback" | "guidance" | "recollections">,
  texts: {
    exception: string;
    excerpts: string;
    editable: readonly string[];
    /** The output of the reproduction on the base. */
    reproduction: string;
    /** Candidates that failed. */
    failed: readonly string[];
  },
  quoter: Quoter,
): string {
  return [
    texts.exception,
    texts.excerpts,
    quoter.quote("root cause as the plan has it", input.plan.rootCause, 1000),
    quoter.quote("files that can be edited", texts.editable.join("\n"), 3000),
    texts.reproduction === "" ? "" : quoter.quote("the reproduction on the base", texts.reproduction, 1500),
    texts.failed.length === 0
      ? ""
      : `The tree is clean again. Do something else than what was tried:\n${quoter.quote("what was tried", texts.failed.join("\n"), 3000)}`,
    ...(input.recollections ?? []).map((one) => describePastFix(one, quoter)),
    input.feedback === "" ? "" : quoter.quote(`why attempt ${input.attempt - 1} was turned down`, input.feedback, 3000),
    input.guidance === "" ? "" : `Guidance from the person in charge: ${oneLine(input.guidance, 2000)}`,
  ]
    .filter((part) => part !== "")
    .join("\n\n");
}

/** Like `version`, for the texts below. */
export const testVersion = "test-1";

const TEST_SYSTEM = `You write one test that makes a captured exception happen again, with tools only. Work like a careful maintainer:
1. Read the code around the crash, and search how the crashing function is reached from what is exported.
2. Think of the input that leads there. Give it to the real code; nothing is mocked, nothing is printed, nothing is thrown by the test itself.
3. Call write_test with the imports and the inside of the test. It is run on the code as it is, and counts only when it fails with this exception at this place.
4. Where it is plain what the code should give instead, assert that; else let the test only make the call. Once the code is repaired the test must pass.
5. Call abstain when no input leads there.
No network, no process, no files, no environment variable. Every reply calls a tool.`;

export function testSystemPrompt(quoter: Quoter): string {
  return `${TEST_SYSTEM}\n${quoter.notice}`;
}

/** The first message to the model that writes a test. Exception and excerpts must be quoted already. */
export function testUserPrompt(
  {
    conventions,
    path,
    title,
    specifier,
    source,
  }: Pick<TestFrame, "conventions" | "path" | "title" | "specifier" | "source">,
  texts: { exception: string; excerpts: string },
  quoter: Quoter,
): string {
  const { framework, module, isTyped } = conventions;
  const form = module === "esm" ? "import { x } from" : "const { x } = require";
  const facts = [
    `framework: ${framework.name}, with ${framework.assertions} (there already; do not import it)`,
    `file: ${path}`,
    `title: ${title}`,
    `${source} is imported as: ${form} "${specifier}"`,
    isTyped ? "it is TypeScript: a value that the types forbid is written with `as never`" : "",
  ];
  const told = quoter.quote("the test", facts.filter((fact) => fact !== "").join("\n"), 1200);
  return [texts.exception, texts.excerpts, told].filter((part) => part !== "").join("\n\n");
}
