import { z } from "zod";
import type { ChatTurn, ToolSpec } from "../../domain/ports/chatModel.ts";
import type { Quoter } from "./untrustedText.ts";

/** How much a model can be given at once. */
export interface ContextBudget {
  /** Tokens of one request, tools included; 0: whatever comes together. */
  maxPromptTokens: number;
  /** Characters of one tool's answer; longer ones are cut, and say so. */
  maxToolOutput: number;
}

/** Fewer than code usually has: better too much is left out than a request refused. */
const CHARACTERS_A_TOKEN = 3;
/** What the first prompt quotes at most when there is room for all of it, characters. */
const WHOLE_PROMPT = 31_000;
/** The share of the room that it may take; the rest is for the work. */
const SHARE = 0.4;
/** The newest answers of tools stay whole as long as anything does. */
const KEPT_ANSWERS = 2;

/** Which part of its usual length a first prompt may have, 0 to 1. */
export function promptShare(room: ContextBudget, overhead: number): number {
  if (room.maxPromptTokens === 0) return 1;
  return Math.min(1, (Math.max(0, charactersIn(room) - overhead) * SHARE) / WHOLE_PROMPT);
}

/** The same, with shorter texts. */
export function scaled(quoter: Quoter, share: number): Quoter {
  return { ...quoter, quote: (label, text, max) => quoter.quote(label, text, Math.max(100, Math.floor(max * share))) };
}

/** The same, with no text longer than this. */
export function capped(quoter: Quoter, limit: number): Quoter {
  return { ...quoter, quote: (label, text, max) => quoter.quote(label, text, Math.min(max, limit)) };
}

/** Characters that tools take in a request. */
export function sizeOf(tools: readonly ToolSpec[]): number {
  return tools.reduce((sum, { name, description, parameters }) => {
    const schema = JSON.stringify(z.toJSONSchema(parameters, { unrepresentable: "any" }));
    return sum + name.length + description.length + schema.length;
  }, 0);
}

/**
 * The turns as they fit: first the older answers of tools are left out, then the oldest steps. The first two turns and the
 * newest step stay. null: even these are too long.
 */
export function fitted(turns: readonly ChatTurn[], room: ContextBudget, overhead: number): ChatTurn[] | null {
  const limit = charactersIn(room) - overhead;
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

/** A reply with the answers to it: endpoints refuse a call without its answer, and an answer without its call. */
function stepsOf(turns: readonly ChatTurn[]): ChatTurn[][] {
  const steps: ChatTurn[][] = [];
  for (const turn of turns) {
    const last = steps.at(-1);
    if (turn.role === "assistant" || last === undefined) steps.push([turn]);
    else last.push(turn);
  }
  return steps;
}

/** Characters that one request may hold. */
export function charactersIn({ maxPromptTokens }: Pick<ContextBudget, "maxPromptTokens">): number {
  return maxPromptTokens === 0 ? Number.POSITIVE_INFINITY : maxPromptTokens * CHARACTERS_A_TOKEN;
}

function lengthOf(turns: readonly ChatTurn[]): number {
  return turns.reduce((sum, { content, toolCalls = [] }) => {
    return sum + content.length + (toolCalls.length === 0 ? 0 : JSON.stringify(toolCalls).length);
  }, 0);
}
