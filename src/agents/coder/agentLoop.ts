import { ModelError } from "../../domain/modelError.ts";
import type { ChatModel, ChatTurn, ToolCall } from "../../domain/ports/chatModel.ts";
import type { Clock } from "../../domain/ports/clock.ts";
import { type ContextBudget, fitted, sizeOf } from "../prompting/contextBudget.ts";
import type { Tool, ToolOutcome } from "./tool.ts";

/** After so many replies without a tool call there is no more to come. */
const MAX_IDLE = 2;

const NUDGE = "Call a tool. When the work is done, or cannot be done, there is one to say so.";

/** What one Attempt may take, over all of its conversations. */
export interface LoopBudget {
  readonly tokens: number;
  spend(tokens: number): void;
  /** A reply without a call counts as one. */
  called(times: number): void;
  /** Which limit is reached, in words; null: none. */
  over(): string | null;
}

export interface LoopLimits {
  maxCalls: number;
  tokenBudget: number;
  /** How long it may go on, milliseconds. A call that is under way comes to its own end. */
  maxMs: number;
}

/** Begins to count now. */
export function createLoopBudget({ maxCalls, tokenBudget, maxMs }: LoopLimits, clock: Clock): LoopBudget {
  const spent = { tokens: 0, calls: 0 };
  const until = clock.now() + maxMs;
  return {
    get tokens() {
      return spent.tokens;
    },
    spend(tokens) {
      spent.tokens += tokens;
    },
    called(times) {
      spent.calls += times;
    },
    over() {
      if (spent.tokens >= tokenBudget) return `the token budget is spent (${spent.tokens} of ${tokenBudget})`;
      if (spent.calls >= maxCalls) return `the limit of ${maxCalls} tool calls is reached`;
      return clock.now() >= until ? `the time for it is over (${maxMs} ms)` : null;
    },
  };
}

export interface AgentLoop {
  model: ChatModel;
  turns: readonly ChatTurn[];
  tools: readonly Tool[];
  run(call: ToolCall): Promise<ToolOutcome>;
  /** Why it leads nowhere, in words; looked at after every call. */
  hopeless?(): string | null;
  room: ContextBudget;
  allowance: LoopBudget;
  signal: AbortSignal;
}

export type LoopOutcome =
  | Exclude<ToolOutcome, { kind: "text" }>
  /** `isFinal`: no other conversation would get further. */
  | { kind: "stopped"; why: string; isFinal: boolean };

/**
 * Ask, do what was called for, tell, again. Throws ModelError, with all tokens that were spent in it, for what the endpoint
 * does wrong; a reply that cannot be read is one without a call, and a budget in money ends it like any other limit.
 */
export async function runAgentLoop(conversation: AgentLoop): Promise<LoopOutcome> {
  const { allowance, run } = conversation;
  const turns = [...conversation.turns];
  for (let idle = 0; ; ) {
    const why = idle >= MAX_IDLE ? "the model stopped using its tools" : allowance.over();
    if (why !== null) return { kind: "stopped", why, isFinal: true };
    const reply = await ask(conversation, turns);
    if ("kind" in reply) return reply;
    turns.push({ role: "assistant", content: reply.text, toolCalls: reply.toolCalls });
    idle = reply.toolCalls.length === 0 ? idle + 1 : 0;
    allowance.called(Math.max(1, reply.toolCalls.length));
    if (reply.toolCalls.length === 0) turns.push({ role: "user", content: NUDGE });
    for (const call of reply.toolCalls) {
      const outcome = await run(call);
      if (outcome.kind !== "text") return outcome;
      turns.push({ role: "tool", toolCallId: call.id, content: outcome.text });
    }
    const hopeless = conversation.hopeless?.() ?? null;
    if (hopeless !== null) return { kind: "stopped", why: hopeless, isFinal: false };
  }
}

type Reply = { text: string; toolCalls: readonly ToolCall[] };

async function ask(conversation: AgentLoop, turns: readonly ChatTurn[]): Promise<Reply | LoopOutcome> {
  const { model, tools, room, allowance, signal } = conversation;
  const fitting = fitted(turns, room, sizeOf(tools));
  if (fitting === null)
    return { kind: "stopped", why: "the work does not fit into model.maxPromptTokens", isFinal: true };
  try {
    const { text, toolCalls, usage } = await model.withTools({ turns: fitting, tools, signal });
    allowance.spend(usage.inputTokens + usage.outputTokens);
    return { text, toolCalls };
  } catch (error) {
    if (!(error instanceof ModelError)) throw error;
    const before = allowance.tokens;
    allowance.spend(error.usage.inputTokens + error.usage.outputTokens);
    if (error.code === "model.badReply") return { text: "", toolCalls: [] };
    if (error.code === "model.budget") return { kind: "stopped", why: error.message, isFinal: true };
    const usage = { ...error.usage, inputTokens: error.usage.inputTokens + before };
    throw new ModelError(error.code, error.message, { cause: error.cause, usage });
  }
}
