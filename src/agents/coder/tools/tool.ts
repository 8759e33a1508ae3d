import type { z } from "zod";
import type { ToolSpec } from "../../../domain/ports/chatModel.ts";
import { oneLine, type Quoter } from "../../prompting/untrustedText.ts";

/** Outcome of a tool call: text for the model, or the end of the work. */
export type ToolOutcome =
  | { kind: "text"; text: string }
  | { kind: "finished"; explanation: string }
  | { kind: "abstained"; reason: string; wouldChangeMind: string };

/** A tool that a model can call. `run` checks the arguments itself. */
export interface Tool extends ToolSpec {
  run(args: unknown): Promise<ToolOutcome>;
}

/** Maximum length of one answer in characters, whatever the context budget. A longer answer is cut, and says so. */
const MAX_TEXT = 40_000;

/**
 * Creates a tool that checks its arguments. The model gets a line that says what is wrong with them.
 * @example
 * tool("echo", "Repeats a text.", z.object({ text: z.string() }), async ({ text }) => say(text));
 */
export function tool<T>(
  name: string,
  description: string,
  parameters: z.ZodType<T>,
  run: (args: T) => Promise<ToolOutcome>,
): Tool {
  return {
    name,
    description,
    parameters,
    run: async (args) => {
      const checked = parameters.safeParse(args);
      if (checked.success) return run(checked.data);
      const faults = checked.error.issues.map((issue) => `${issue.path.join(".") || "arguments"}: ${issue.message}`);
      return say(`bad arguments: ${oneLine(faults.join("; "), 300)}`);
    },
  };
}

/** Text of selfheal itself; not quoted. */
export function say(text: string): ToolOutcome {
  return { kind: "text", text };
}

/** Text of the repository or of a program, quoted as data. */
export function show(quoter: Quoter, what: string, text: string): ToolOutcome {
  return say(quoter.quote(oneLine(what, 200), text, MAX_TEXT));
}
