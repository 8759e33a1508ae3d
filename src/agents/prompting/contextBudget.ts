import { z } from "zod";
import type { ChatTurn, ToolSpec } from "../../domain/ports/chatModel.ts";
import type { Quoter } from "./untrustedText.ts";

/** Limits of what a model can be given at once. */
export interface ContextBudget {
  /** Tokens of one request, tools included; 0: no limit. */
  maxPromptTokens: number;
  /** Characters of one tool's answer; a longer answer is cut, and says so. */
  maxToolOutput: number;
}

/** Characters per token. Code usually has more: it is better to leave out too much than to have a request refused. */
const CHARACTERS_A_TOKEN = 3;
/** Characters that the first prompt quotes at most, if the budget allows all of it. */
const WHOLE_PROMPT = 31_000;
/** The share of the budget that the first prompt may take; the rest is for the work. */
const SHARE = 0.4;
/** This many of the newest tool answers stay whole as long as possible. */
const KEPT_ANSWERS = 2;

/**
 * The part of its usual length that a first prompt may have, 0 to 1. `overhead`: characters of tools and system prompt.
 */
export function promptShare(contextBudget: ContextBudget, overhead: number): number {
  if (contextBudget.maxPromptTokens === 0) return 1;
  return Math.min(1, (Math.max(0, charactersIn(contextBudget) - overhead) * SHARE) / WHOLE_PROMPT);
}

/** The quoter with every length limit multiplied by `share`, but at least 100 characters. */
export function scaled(quoter: Quoter, share: number): Quoter {
  return { ...quoter, quote: (label, text, max) => quoter.quote(label, text, Math.max(100, Math.floor(max * share))) };
}

/** The quoter with no text longer than `limit` characters. */
export function capped(quoter: Quoter, limit: number): Quoter {
  return { ...quoter, quote: (label, text, max) => quoter.quote(label, text, Math.min(max, limit)) };
}

/** Characters that the tools take in a request. */
export function sizeOf(tools: readonly ToolSpec[]): number {
  return tools.reduce((sum, { name, description, parameters }) => {
    const schema = JSON.stringify(z.toJSONSchema(parameters, { unrepresentable: "any" }));
    return sum + name.length + description.length + schema.length;
  }, 0);
}

/**
 * The turns that fit into the budget: older tool answers are left out first, then the oldest steps. The first two turns
 * and the newest step stay. null: even these are too long.
 */
export function fitted(turns: readonly ChatTurn[], contextBudget: ContextBudget, overhead: number): ChatTurn[] | null {
  const limit = charactersIn(contextBudget) - overhead;
  if (lengthOf(turns) <= limit) return [...turns];
  const kept = withoutOldAnswers(turns, limit);
  const [system, first, ...rest] = kept;
  if (system === undefined || first === undefined) return null;
  const steps = stepsOf(rest);
  const told: ChatTurn = { ...first, content: `${first.content}\n\n(Earlier steps are left out to save room.)` };
  for (let from = 0; from < Math.max(1, steps.length); from += 1) {
    const left = [system, from === 0 ? first : told, ...steps.slice(from).flat()];
    if (lengthOf(left) <= limit) return left;
  }
  return null;
}

function withoutOldAnswers(turns: readonly ChatTurn[], limit: number): ChatTurn[] {
  const kept = [...turns];
  const answers = kept.flatMap(({ role }, i) => (role === "tool" ? [i] : [])).slice(0, -KEPT_ANSWERS);
  for (const at of answers) {
    if (lengthOf(kept) <= limit) break;
    const turn = kept[at];
    if (turn !== undefined && turn.content.length > 200)
      kept[at] = { ...turn, content: "(left out to save room; call the tool again if it is needed)" };
  }
  return kept;
}

/**
 * Steps: each reply with its tool answers. Endpoints refuse a call without its answer, and an answer without its call.
 */
function stepsOf(turns: readonly ChatTurn[]): ChatTurn[][] {
  const steps: ChatTurn[][] = [];
  for (const turn of turns) {
    const last = steps.at(-1);
    if (turn.role === "assistant" || last === undefined) steps.push([turn]);
    else last.push(turn);
  }
  return steps;
}

/** Characters that one request may have. */
export function charactersIn({ maxPromptTokens }: Pick<ContextBudget, "maxPromptTokens">): number {
  return maxPromptTokens === 0 ? Number.POSITIVE_INFINITY : maxPromptTokens * CHARACTERS_A_TOKEN;
}

function lengthOf(turns: readonly ChatTurn[]): number {
  return turns.reduce((sum, { content, toolCalls = [] }) => {
    return sum + content.length + (toolCalls.length === 0 ? 0 : JSON.stringify(toolCalls).length);
  }, 0);
}
