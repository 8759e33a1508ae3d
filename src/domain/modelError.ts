import { SelfhealError } from "./errors.ts";
import type { ModelUsage } from "./ports/chatModel.ts";

/**
 * What can go wrong between selfheal and a model. badReply: not what was asked for, twice. refused: the model would not
 * answer. rejected: the endpoint would not take the request (unknown model, prompt too long). unavailable: 5xx, no connection.
 */
export type ModelErrorCode =
  | "model.badReply"
  | "model.refused"
  | "model.rejected"
  | "model.unauthorized"
  | "model.quota"
  | "model.rateLimited"
  | "model.unavailable"
  | "model.timeout"
  | "model.aborted"
  /** A budget is spent: the endpoint was not asked. */
  | "model.budget";

const RETRYABLE: readonly ModelErrorCode[] = ["model.rateLimited", "model.unavailable", "model.timeout"];

/** A call to a ChatModel that gave nothing usable. The message holds no key and little of what the endpoint said. */
export class ModelError extends SelfhealError {
  declare readonly code: ModelErrorCode;
  /** Whether the same request may succeed later. */
  readonly retryable: boolean;
  /** Tokens that were spent all the same; they count against the budget. */
  readonly usage: ModelUsage;

  constructor(code: ModelErrorCode, message: string, options: { cause?: unknown; usage?: ModelUsage } = {}) {
    super(code, message, "cause" in options ? { cause: options.cause } : {});
    this.name = "ModelError";
    this.retryable = RETRYABLE.includes(code);
    this.usage = options.usage ?? { inputTokens: 0, outputTokens: 0 };
  }
}
