import { ModelError } from "../../domain/modelError.ts";
import type { ChatModel, ChatTurn, ToolCall } from "../../domain/ports/chatModel.ts";
import type { Clock } from "../../domain/ports/clock.ts";
import { type ContextBudget, fitted, sizeOf } from "../prompting/contextBudget.ts";
import type { Tool, ToolOutcome } from "./tools/tool.ts";

/** After this many replies in a row without a tool call the loop ends. */
const MAX_IDLE = 2;

const NUDGE = "Call a tool. When the work is done, or cannot be done, there is one to say so.";

/** Limits of one Attempt, over all of its conversations. */
export interface LoopBudget {
  readonly tokens: number;
  spend(tokens: number): void;
  /** Counts tool calls. A reply without a call counts as one. */
  called(times: number): void;
  /** Which limit is reached, in words; null: none. */
  over(): string | null;
}

/** Limits of one Attempt: tool calls, tokens and time. */
export interface LoopLimits {
  maxCalls: number;
  tokenBudget: number;
  /** Longest duration, milliseconds. A call under way is not interrupted. */
  maxMs: number;
}

/** Creates a budget whose time starts now. */
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

/** One conversation of a model with tools. `turns` are its first turns; `run` carries out a call. */
export interface AgentLoop {
  model: ChatModel;
  turns: readonly ChatTurn[];
  tools: readonly Tool[];
  run(call: ToolCall): Promise<ToolOutcome>;
  /** Why going on is useless, in words; null: it is not. Checked after the calls of every reply. */
  hopeless?(): string | null;
  contextBudget: ContextBudget;
  loopBudget: LoopBudget;
  signal: AbortSignal;
}

/** How a conversation ended: by the model (finished, abstained), or stopped with the reason. */
export type LoopOutcome =
  | Exclude<ToolOutcome, { kind: "text" }>
  /** `isFinal`: another conversation would get no further. */
  | { kind: "stopped"; why: string; isFinal: boolean };

/**
 * Runs the tool loop: ask the model, run the calls of its reply, return their results, repeat. Throws ModelError for
 * faults of the endpoint, with all tokens of the Attempt so far. An unreadable reply counts as a reply without a call.
 * A spent money budget ends the loop like any other limit.
 */
export async function runAgentLoop(conversation: AgentLoop): Promise<LoopOutcome> {
  const { loopBudget, run } = conversation;
  const turns = [...conversation.turns];
  for (let idle = 0; ; ) {
    const why = idle >= MAX_IDLE ? "the model stopped using its tools" : loopBudget.over();
    if (why !== null) return { kind: "stopped", why, isFinal: true };
    const reply = await ask(conversation, turns);
    if ("kind" in reply) return reply;
    turns.push({ role: "assistant", content: reply.text, toolCalls: reply.toolCalls });
    idle = reply.toolCalls.length === 0 ? idle + 1 : 0;
    loopBudget.called(Math.max(1, reply.toolCalls.length));
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
  const { model, tools, contextBudget, loopBudget, signal } = conversation;
  const fitting = fitted(turns, contextBudget, sizeOf(tools));
  if (fitting === null)
    return { kind: "stopped", why: "the work does not fit into model.maxPromptTokens", isFinal: true };
  try {
    const { text, toolCalls, usage } = await model.withTools({ turns: fitting, tools, signal });
    loopBudget.spend(usage.inputTokens + usage.outputTokens);
    return { text, toolCalls };
  } catch (error) {
    if (!(error instanceof ModelError)) throw error;
    const before = loopBudget.tokens;
    loopBudget.spend(error.usage.inputTokens + error.usage.outputTokens);
    if (error.code === "model.badReply") return { text: "", toolCalls: [] };
    if (error.code === "model.budget") return { kind: "stopped", why: error.message, isFinal: true };
    const usage = { ...error.usage, inputTokens: error.usage.inputTokens + before };
    throw new ModelError(error.code, error.message, { cause: error.cause, usage });
  }
}
