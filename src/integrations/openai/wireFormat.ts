import {
  AIMessage,
  type BaseMessage,
  HumanMessage,
  SystemMessage,
  ToolMessage,
  type UsageMetadata,
} from "@langchain/core/messages";
import { z } from "zod";
import type { ChatTurn, ModelUsage, ToolCall, ToolSpec } from "../../domain/ports/chatModel.ts";

/**
 * A zod schema as JSON schema, without length, range and pattern keywords: strict JSON schema endpoints refuse them.
 * zod still checks them in the reply.
 */
export function jsonSchemaOf(schema: z.ZodType): Record<string, unknown> {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, {
    unrepresentable: "any",
    override: ({ jsonSchema }) => {
      for (const keyword of UNSUPPORTED) delete jsonSchema[keyword];
    },
  });
  return rest;
}
const UNSUPPORTED = [
  "minLength",
  "maxLength",
  "pattern",
  "format",
  "minimum",
  "maximum",
  "exclusiveMinimum",
  "exclusiveMaximum",
  "minItems",
  "maxItems",
  "default",
] as const;

/** Adds the schema to the first system turn, because JSON mode sends no schema. */
export function withSchemaInWords(turns: readonly ChatTurn[], schema: Record<string, unknown>): ChatTurn[] {
  const words = `Reply with one JSON object and nothing else. It matches this JSON schema:\n${JSON.stringify(schema)}`;
  const [first, ...rest] = turns;
  return first?.role === "system"
    ? [{ ...first, content: `${first.content}\n\n${words}` }, ...rest]
    : [{ role: "system", content: words }, ...turns];
}

/** A tool in the format of Chat Completions. */
export function toolOf(tool: ToolSpec) {
  return {
    type: "function" as const,
    function: { name: tool.name, description: tool.description, parameters: jsonSchemaOf(tool.parameters) },
  };
}

/** Our turns as the library's messages. */
export function messagesOf(turns: readonly ChatTurn[]): BaseMessage[] {
  return turns.map((turn) => {
    if (turn.role === "system") return new SystemMessage(turn.content);
    if (turn.role === "user") return new HumanMessage(turn.content);
    if (turn.role === "tool") return new ToolMessage({ content: turn.content, tool_call_id: turn.toolCallId ?? "" });
    return new AIMessage({ content: turn.content, tool_calls: (turn.toolCalls ?? []).map(echo) });
  });
}

/** A call with unreadable arguments is repeated without them: endpoints refuse a history that is not JSON. */
function echo(call: ToolCall) {
  const args = typeof call.args === "object" && call.args !== null ? (call.args as Record<string, unknown>) : {};
  return { id: call.id, name: call.name, args, type: "tool_call" as const };
}

/** The tokens that the endpoint counted, or an estimate if it reports none. */
export function usageOf(raw: BaseMessage, turns: readonly ChatTurn[]): ModelUsage {
  const usage = "usage_metadata" in raw ? (raw.usage_metadata as UsageMetadata | undefined) : undefined;
  const reported = { inputTokens: usage?.input_tokens ?? 0, outputTokens: usage?.output_tokens ?? 0 };
  return reported.inputTokens + reported.outputTokens > 0 ? reported : estimate(turns, raw.text);
}

/**
 * Estimates tokens at four characters each. For endpoints that report no usage, and for unreadable replies, so that
 * budgets still count.
 */
export function estimate(turns: readonly ChatTurn[], said = ""): ModelUsage {
  const characters = turns.reduce((total, turn) => total + turn.content.length, 0);
  return { inputTokens: Math.ceil(characters / 4), outputTokens: Math.ceil(said.length / 4) };
}
