import type { z } from "zod";
import type { ToolSpec } from "../../domain/ports/chatModel.ts";
import { oneLine, type Quoter } from "../prompting/untrustedText.ts";

/** What a call of a tool leads to: text for the model, or the end of the work. */
export type ToolOutcome =
  | { kind: "text"; text: string }
  | { kind: "finished"; explanation: string }
  | { kind: "abstained"; reason: string; wouldChangeMind: string };

export interface Tool extends ToolSpec {
  run(args: unknown): Promise<ToolOutcome>;
}

/** Characters of one answer, however much room a model has; longer ones are cut, and say so. */
const MAX_TEXT = 40_000;

/** A tool whose arguments are checked; what is wrong with them is told in a line. */
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

/** Words of ours. */
export function say(text: string): ToolOutcome {
  return { kind: "text", text };
}

/** Text of the repository or of a program: data. */
export function show(quoter: Quoter, what: string, text: string): ToolOutcome {
  return say(quoter.quote(oneLine(what, 200), text, MAX_TEXT));
}
