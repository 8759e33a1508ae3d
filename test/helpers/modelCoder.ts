import type { CoderBrain } from "../../src/agents/coder/contract.ts";
import { createModelCoder, type ModelCoderOptions } from "../../src/agents/coder/model.ts";
import type { ChatModel } from "../../src/domain/ports/chatModel.ts";
import type { Clock } from "../../src/domain/ports/clock.ts";

const OPTIONS: ModelCoderOptions = {
  maxToolCalls: 20,
  maxCodingMs: 60_000,
  maxCandidates: 3,
  compareCandidates: 1,
  requireReproduction: true,
  contextBudget: { maxPromptTokens: 0, maxToolOutput: 8000 },
};

/** The model coder with the limits of a test. */
export function modelCoder(
  model: ChatModel,
  options: Partial<ModelCoderOptions> = {},
  clock: Clock = { now: () => 0 },
): CoderBrain {
  return createModelCoder({ ...OPTIONS, ...options, model, clock });
}
