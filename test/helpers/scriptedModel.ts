import { ModelError } from "../../src/domain/modelError.ts";
import type { ChatModel, ChatTurn } from "../../src/domain/ports/chatModel.ts";

/** One answer: a value for `structured`, calls or text for `withTools`, or the error that is thrown. */
export type Step =
  | { value: unknown }
  | { calls: readonly { name: string; args: unknown }[] }
  | { text: string }
  | { error: ModelError };

/** Tokens that each answer costs. */
export const STEP_TOKENS = 10;

export interface ScriptedModel extends ChatModel {
  /** The turns of each request so far. */
  readonly asked: readonly (readonly ChatTurn[])[];
}

/** A ChatModel without an endpoint. A request that nobody scripted throws, and so does one of the other kind. */
export function scriptedModel(...steps: readonly Step[]): ScriptedModel {
  const left = [...steps];
  const asked: (readonly ChatTurn[])[] = [];
  const usage = { inputTokens: STEP_TOKENS - 1, outputTokens: 1 };
  const next = (turns: readonly ChatTurn[]): Exclude<Step, { error: ModelError }> => {
    asked.push(turns);
    const step = left.shift();
    if (step === undefined) throw new Error(`nobody scripted request ${asked.length}`);
    if ("error" in step) throw step.error;
    return step;
  };
  return {
    name: "scripted",
    asked,
    async structured({ turns, schema }) {
      const step = next(turns);
      if (!("value" in step)) throw new Error("a structured answer was asked for, and a turn with tools scripted");
      const checked = schema.safeParse(step.value);
      if (!checked.success) throw new ModelError("model.badReply", checked.error.message, { usage });
      return { value: checked.data, usage };
    },
    async withTools({ turns }) {
      const step = next(turns);
      if ("value" in step) throw new Error("a turn with tools was asked for, and a structured answer scripted");
      if ("text" in step) return { text: step.text, toolCalls: [], usage };
      return { text: "", toolCalls: step.calls.map((call, i) => ({ id: `c${asked.length}.${i}`, ...call })), usage };
    },
  };
}
