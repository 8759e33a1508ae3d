import { ModelError } from "../../domain/modelError.ts";
import type { ChatModel, ChatTurn } from "../../domain/ports.ts";
import { describeEvent, excerptsOf } from "../briefing.ts";
import { createQuoter, type Nonce, oneLine, randomNonce, short } from "../untrusted.ts";
import { NUDGE, systemPrompt, userPrompt, version } from "./prompt.ts";
import type { CoderBrain, CoderInput, CoderResult } from "./schema.ts";
import { type Bench, createBench } from "./tools.ts";

/** After so many replies without a tool call there is no more to come. */
const MAX_IDLE = 2;

interface Deps {
  model: ChatModel;
  /** Of one attempt; a reply without a call counts as one. */
  maxToolCalls: number;
  nonce?: Nonce;
}

/**
 * Repairs with tools: ask, do what was called for, tell, again. Ends with a patch only when the last check after the last
 * edit was good; else it abstains and leaves the tree as it was. Throws ModelError with the tokens spent.
 */
export function createModelCoder(deps: Deps): CoderBrain {
  const name = `model:${deps.model.name}@${version}`;
  return { name, code: (input) => work(deps, name, input) };
}

async function work(deps: Deps, by: string, input: CoderInput): Promise<CoderResult> {
  await input.workspace.reset();
  const quoter = createQuoter((deps.nonce ?? randomNonce)());
  const tracked = await input.workspace.files();
  const bench = createBench(input, tracked, quoter);
  const texts = {
    exception: describeEvent(input.event, tracked, quoter),
    excerpts: await excerptsOf(input.workspace, input.plan.places, quoter),
    editable: bench.editable,
  };
  const turns: ChatTurn[] = [
    { role: "system", content: systemPrompt(quoter) },
    { role: "user", content: userPrompt(input, texts, quoter) },
  ];
  const spent = { tokens: 0, calls: 0, idle: 0 };
  for (;;) {
    const over = whatIsOver(spent, deps.maxToolCalls, input.tokenBudget);
    if (over !== null) return stopped(input, bench, by, over, spent.tokens);
    const reply = await ask(deps.model, turns, bench, input.signal, spent.tokens);
    spent.tokens += reply.tokens;
    turns.push({ role: "assistant", content: reply.text, toolCalls: reply.toolCalls });
    spent.idle = reply.toolCalls.length === 0 ? spent.idle + 1 : 0;
    spent.calls += Math.max(1, reply.toolCalls.length);
    if (reply.toolCalls.length === 0) turns.push({ role: "user", content: NUDGE });
    for (const call of reply.toolCalls) {
      const outcome = await bench.run(call);
      if (outcome.kind === "finished") return patch(bench, by, outcome.explanation, spent.tokens);
      if (outcome.kind === "abstained") {
        return abstain(input, bench, outcome.reason, outcome.wouldChangeMind, spent.tokens);
      }
      turns.push({ role: "tool", toolCallId: call.id, content: outcome.text });
    }
  }
}

function whatIsOver(spent: { tokens: number; calls: number; idle: number }, maxCalls: number, budget: number) {
  if (spent.tokens >= budget) return `the token budget is spent (${spent.tokens} of ${budget})`;
  if (spent.idle >= MAX_IDLE) return "the model stopped using its tools";
  return spent.calls >= maxCalls ? `the limit of ${maxCalls} tool calls is reached` : null;
}

async function ask(model: ChatModel, turns: readonly ChatTurn[], bench: Bench, signal: AbortSignal, before: number) {
  try {
    const { text, toolCalls, usage } = await model.withTools({ turns: [...turns], tools: bench.specs, signal });
    return { text, toolCalls, tokens: usage.inputTokens + usage.outputTokens };
  } catch (error) {
    if (!(error instanceof ModelError)) throw error;
    const usage = { ...error.usage, inputTokens: error.usage.inputTokens + before };
    throw new ModelError(error.code, error.message, { cause: error.cause, usage });
  }
}

/** The limits end the talking, not the worth of what is there: a tree that passed its check is a patch. */
async function stopped(input: CoderInput, bench: Bench, by: string, why: string, tokens: number): Promise<CoderResult> {
  const open = await bench.whyNotDone();
  if (open === null) return patch(bench, by, `The model gave no explanation: ${why}.`, tokens);
  return abstain(input, bench, `${why}; ${open}`, "more room to work, or guidance", tokens);
}

function patch(bench: Bench, by: string, explanation: string, tokens: number): CoderResult {
  return { kind: "patch", by, explanation: short(explanation, 3900), rejected: [...bench.rejected], tokens };
}

async function abstain(
  input: CoderInput,
  bench: Bench,
  reason: string,
  wouldChangeMind: string,
  tokens: number,
): Promise<CoderResult> {
  await input.workspace.reset();
  return {
    kind: "abstained",
    reason: oneLine(reason, 1900) || "the model gave no reason",
    wouldChangeMind: oneLine(wouldChangeMind, 900) || "guidance from a person",
    rejected: [...bench.rejected],
    tokens,
  };
}
