import { SelfhealError } from "./errors.ts";
import type { ModelUsage } from "./ports/chatModel.ts";

/**
 * What can go wrong between selfheal and a model. badReply: the reply did not match the request, twice. refused: the
 * model declined to answer. rejected: the endpoint did not accept the request (unknown model, prompt too long).
 * unavailable: status 5xx, or no connection.
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
  /** A token or cost budget is used up; the endpoint was not called. */
  | "model.budget";

const RETRYABLE: readonly ModelErrorCode[] = ["model.rateLimited", "model.unavailable", "model.timeout"];

/** A failed call to a ChatModel. The message contains no key and little of the endpoint's response. */
export class ModelError extends SelfhealError {
  declare readonly code: ModelErrorCode;
  /** Whether the same request may succeed later. */
  readonly retryable: boolean;
  /** Tokens that the failed call used. They count against the budget. */
  readonly usage: ModelUsage;

  constructor(code: ModelErrorCode, message: string, options: { cause?: unknown; usage?: ModelUsage } = {}) {
    super(code, message, "cause" in options ? { cause: options.cause } : {});
    this.name = "ModelError";
    this.retryable = RETRYABLE.includes(code);
    this.usage = options.usage ?? { inputTokens: 0, outputTokens: 0 };
  }
}
