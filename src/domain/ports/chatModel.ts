import type { z } from "zod";

/** Tokens of one model call. */
export interface ModelUsage {
  inputTokens: number;
  outputTokens: number;
}

/**
 * One message of a conversation. `toolCalls` belongs to an assistant turn; `toolCallId` says which call a `tool` turn
 * answers.
 */
export interface ChatTurn {
  role: "system" | "user" | "assistant" | "tool";
  content: string;
  toolCalls?: readonly ToolCall[];
  toolCallId?: string;
}

/** A tool call that the model asked for. */
export interface ToolCall {
  id: string;
  name: string;
  /** The arguments as parsed JSON. They are not validated. */
  args: unknown;
}

/** A tool that the model may call. */
export interface ToolSpec {
  name: string;
  description: string;
  parameters: z.ZodType;
}

/**
 * A chat model. Both methods throw ModelError for every failure of the endpoint. They never return a reply of another
 * shape than the schema's.
 * @example
 * const { value, usage } = await model.structured({ turns, schema: Plan, schemaName: "plan", signal });
 */
export interface ChatModel {
  readonly name: string;
  /** Asks for one JSON value that matches `schema`. */
  structured<T>(request: {
    turns: readonly ChatTurn[];
    schema: z.ZodType<T>;
    schemaName: string;
    signal?: AbortSignal;
  }): Promise<{ value: T; usage: ModelUsage }>;
  /** Asks for text, for tool calls, or for both. The caller runs the tools. */
  withTools(request: {
    turns: readonly ChatTurn[];
    tools: readonly ToolSpec[];
    signal?: AbortSignal;
  }): Promise<{ text: string; toolCalls: readonly ToolCall[]; usage: ModelUsage }>;
}
