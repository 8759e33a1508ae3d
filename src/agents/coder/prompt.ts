import { recalled } from "../recalled.ts";
import { oneLine, type Quoter } from "../untrusted.ts";
import type { CoderInput } from "./schema.ts";

/** Goes up with every change of the texts below and of the tools; in the brain's name, so that a receipt tells which words made it. */
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

export function userPrompt(
  input: Pick<CoderInput, "plan" | "attempt" | "feedback" | "guidance" | "recollections">,
  texts: {
    exception: string;
    excerpts: string;
    editable: readonly string[];
    /** What the reproduction shows on the base. */
    reproduction: string;
    /** Candidates that did not hold. */
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
    ...(input.recollections ?? []).map((one) => recalled(one, quoter)),
    input.feedback === "" ? "" : quoter.quote(`why attempt ${input.attempt - 1} was turned down`, input.feedback, 3000),
    input.guidance === "" ? "" : `Guidance from the person in charge: ${oneLine(input.guidance, 2000)}`,
  ]
    .filter((part) => part !== "")
    .join("\n\n");
}
