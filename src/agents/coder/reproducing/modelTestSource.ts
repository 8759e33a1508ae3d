import { z } from "zod";
import { ModelError } from "../../../domain/modelError.ts";
import type { ChatModel } from "../../../domain/ports/chatModel.ts";
import type { Clock } from "../../../domain/ports/clock.ts";
import type { RegressionTest } from "../../../domain/reproduction.ts";
import { type ContextBudget, capped, promptShare, scaled, sizeOf } from "../../prompting/contextBudget.ts";
import { describeEvent } from "../../prompting/describeEvent.ts";
import { excerptsOf } from "../../prompting/sourceExcerpts.ts";
import { createQuoter, type Nonce, oneLine, type Quoter, randomNonce } from "../../prompting/untrustedText.ts";
import { createLoopBudget, type LoopOutcome, runAgentLoop } from "../agentLoop.ts";
import { testSystemPrompt, testUserPrompt, testVersion } from "../prompt.ts";
import { stripOutputNoise } from "../stripOutputNoise.ts";
import { say, show, type Tool, tool } from "../tools/tool.ts";
import { ABSTAIN, createReadOnlyTools, runToolCall } from "../tools/toolbox.ts";
import type { Proposed, TestSource, TestSourceInput } from "./reproducer.ts";
import { draftFault, type TestFrame, testFramesFor, testFrom } from "./testDraft.ts";

/** Maximum number of tests that are written for one exception, refused ones included. */
const MAX_WRITTEN = 6;

interface Deps {
  model: ChatModel;
  clock: Clock;
  contextBudget: ContextBudget;
  maxToolCalls: number;
  maxCodingMs: number;
  nonce?: Nonce;
}

/**
 * A source of tests that a model writes. The model gives imports and the body of a test; path, title and framework are
 * the project's. What counts is the observation on the base, by the same rule as for every test.
 */
export function createModelTestSource(deps: Deps): TestSource {
  return {
    name: "a model",
    propose: (input) => write(deps, input),
    // The test already asserts what its author thinks right.
    pin: async () => null,
  };
}

async function write(deps: Deps, input: TestSourceInput): Promise<Proposed> {
  const frames = await testFramesFor(input.event, input.workspace);
  if (frames.length === 0) return { tests: [], notes: ["no test can be written where this crashed"] };
  const { maxToolCalls: maxCalls, maxCodingMs: maxMs } = deps;
  const tokenBudget = input.tokenBudget ?? Number.POSITIVE_INFINITY;
  const loopBudget = createLoopBudget({ maxCalls, maxMs, tokenBudget }, deps.clock);
  const desk = createDesk(deps, input, frames, await input.workspace.files());
  try {
    const tools = [...desk.tools, ABSTAIN];
    const turns = await firstTurns(deps, input, desk, tools);
    const run = (call: Parameters<typeof runToolCall>[2]) => runToolCall(input, tools, call);
    const { model, contextBudget } = deps;
    const { signal } = input;
    const ended = await runAgentLoop({
      model,
      turns,
      tools,
      run,
      hopeless: desk.hopeless,
      contextBudget,
      loopBudget,
      signal,
    });
    const test = desk.found();
    const tokens = loopBudget.tokens;
    return test === null
      ? { tests: [], notes: [...desk.notes, inWords(ended)], tokens }
      : { tests: [test], notes: desk.notes, tokens };
  } catch (error) {
    if (!(error instanceof ModelError) || error.retryable || error.code === "model.aborted") throw error;
    // The rules go on without this test, and so does a model that fails only here.
    const { inputTokens, outputTokens } = error.usage;
    return { tests: [], notes: [`it could not be asked: ${error.message}`], tokens: inputTokens + outputTokens };
  }
}

async function firstTurns({ contextBudget }: Deps, input: TestSourceInput, desk: Desk, tools: readonly Tool[]) {
  const { event, workspace } = input;
  const system = testSystemPrompt(desk.quoter);
  const share = promptShare(contextBudget, sizeOf(tools) + system.length);
  const brief = scaled(desk.quoter, share);
  const tracked = await workspace.files();
  const places = desk.frame().places;
  const texts = {
    exception: describeEvent(event, tracked, brief),
    excerpts: await excerptsOf(workspace, places, brief, Math.max(3, Math.round(12 * share))),
  };
  return [
    { role: "system", content: system },
    { role: "user", content: testUserPrompt(desk.frame(), texts, brief) },
  ] as const;
}

/** The tools of one search for a test, and its results. */
interface Desk {
  readonly tools: readonly Tool[];
  readonly quoter: Quoter;
  readonly notes: string[];
  frame(): TestFrame;
  found(): RegressionTest | null;
  hopeless(): string | null;
}

function createDesk(
  deps: Deps,
  input: TestSourceInput,
  frames: readonly TestFrame[],
  tracked: readonly string[],
): Desk {
  const quoter = createQuoter((deps.nonce ?? randomNonce)());
  const shown = capped(quoter, deps.contextBudget.maxToolOutput);
  const by = `model:${deps.model.name}@${testVersion}`;
  const notes: string[] = [];
  const state = { frame: 0, written: 0, found: null as RegressionTest | null };
  const frame = () => frames[state.frame] ?? (frames[0] as TestFrame);
  const parameters = z.object({
    imports: z
      .array(z.string().max(300))
      .max(12)
      .describe("import or require, one a line, of the code and nothing else"),
    body: z.string().max(6000).describe("the inside of the test"),
  });
  const what =
    "Writes the test and runs it on the code as it is. Only the inside is given; the test around it is there.";
  const writeTest = tool("write_test", what, parameters, async (draft) => {
    state.written += 1;
    const fault = draftFault(frame(), draft);
    if (fault !== null) {
      notes.push(`refused: ${fault}`);
      return say(`refused: ${fault}`);
    }
    const test = testFrom(frame(), draft, by);
    const seen = await input.observe(test);
    if (seen?.reproduced === "yes") {
      state.found = test;
      return { kind: "finished", explanation: seen.why };
    }
    const why = seen?.why ?? "it was not run";
    notes.push(oneLine(why, 200));
    const tail = seen?.observation.tail ?? "";
    if (state.frame === 0 && frames.length > 1 && isMissingRunner(tail)) {
      state.frame = 1;
      return say("The project's test runner is not installed here. Write it again for node:test, with assert.");
    }
    return show(
      shown,
      "test run",
      `not this exception at this place: ${why}\n${stripOutputNoise(tail, input.workspace).slice(-1500)}`,
    );
  });
  return {
    tools: [...createReadOnlyTools({ workspace: input.workspace, tracked, quoter: shown }, deps.clock), writeTest],
    quoter,
    notes,
    frame,
    found: () => state.found,
    hopeless: () => (state.written >= MAX_WRITTEN ? `${state.written} tests were written in vain` : null),
  };
}

function isMissingRunner(output: string): boolean {
  return /could not determine executable|npx canceled|npm (?:error|ERR!)|command not found|: not found/i.test(output);
}

function inWords(ended: LoopOutcome): string {
  if (ended.kind === "abstained") return `it gave up: ${oneLine(ended.reason, 300)}`;
  return ended.kind === "stopped" ? ended.why : "it was not finished";
}
