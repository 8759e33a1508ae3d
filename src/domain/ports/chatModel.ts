import type { z } from "zod";

export interface ModelUsage {
  inputTokens: number;
  outputTokens: number;
}

export interface ChatTurn {
  role: "system" | "user" | "assistant" | "tool";
  content: string;
  toolCalls?: readonly ToolCall[];
  toolCallId?: string;
}

export interface ToolCall {
  id: string;
  name: string;
  /** Arguments as parsed JSON; unchecked. */
  args: unknown;
}

export interface ToolSpec {
  name: string;
  description: string;
  parameters: z.ZodType;
}

/** A chat model. Throws ModelError for whatever the endpoint does wrong; never returns a reply of the wrong shape. */
export interface ChatModel {
  readonly name: string;
  structured<T>(request: {
    turns: readonly ChatTurn[];
    schema: z.ZodType<T>;
    schemaName: string;
    signal?: AbortSignal;
  }): Promise<{ value: T; usage: ModelUsage }>;
  withTools(request: {
    turns: readonly ChatTurn[];
    tools: readonly ToolSpec[];
    signal?: AbortSignal;
  }): Promise<{ text: string; toolCalls: readonly ToolCall[]; usage: ModelUsage }>;
}
