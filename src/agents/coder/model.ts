import type { ChatModel, ChatTurn } from "../../domain/ports/chatModel.ts";
import type { Clock } from "../../domain/ports/clock.ts";
import { judgeFilesOf } from "../../tools/tests/judge/judgeFiles.ts";
import { type ContextBudget, capped, promptShare, scaled, sizeOf } from "../prompting/contextBudget.ts";
import { describeEvent } from "../prompting/describeEvent.ts";
import { excerptsOf } from "../prompting/sourceExcerpts.ts";
import { createQuoter, type Nonce, oneLine, randomNonce, short } from "../prompting/untrustedText.ts";
import { createLoopBudget, type LoopBudget, type LoopOutcome, runAgentLoop } from "./agentLoop.ts";
import type { CoderBrain, CoderInput, CoderResult, QuickCheck } from "./contract.ts";
import { type Candidate, chooseCandidate, onlyCatches } from "./patchSelection.ts";
import { systemPrompt, userPrompt, version } from "./prompt.ts";
import { stripOutputNoise } from "./stripOutputNoise.ts";
import { createToolbox, type Toolbox } from "./tools/toolbox.ts";

/** Options of the model coder. docs/configuration.md says more on the keys of the same names. */
export interface ModelCoderOptions {
  /** Limit of one Attempt, over all candidates. */
  maxToolCalls: number;
  maxCodingMs: number;
  /** Maximum number of conversations of one Attempt. */
  maxCandidates: number;
  /** How many passing candidates are made before one is chosen. */
  compareCandidates: number;
  /** Whether code is changed only for an exception that was reproduced. */
  requireReproduction: boolean;
  contextBudget: ContextBudget;
}

interface Deps extends ModelCoderOptions {
  model: ChatModel;
  clock: Clock;
  nonce?: Nonce;
}

/**
 * Repairs with tools, in one or more conversations that each start on a clean tree. A candidate counts only if the last
 * check after its last edit passed. The candidate with the best evidence becomes the patch. Without a candidate the
 * coder abstains and resets the tree. Throws ModelError with the tokens spent.
 */
export function createModelCoder(deps: Deps): CoderBrain {
  const name = `model:${deps.model.name}@${version}`;
  return { name, code: (input) => new Attempt(deps, name, input).run() };
}

class Attempt {
  readonly #deps: Deps;
  readonly #by: string;
  readonly #input: CoderInput;
  readonly #allowance: LoopBudget;
  readonly #held: Candidate[] = [];
  /** A short description of each failed candidate, for the next one. */
  readonly #failed: string[] = [];
  readonly #rejected: string[] = [];

  constructor(deps: Deps, by: string, input: CoderInput) {
    this.#deps = deps;
    this.#by = by;
    this.#input = input;
    const { maxToolCalls: maxCalls, maxCodingMs: maxMs } = deps;
    this.#allowance = createLoopBudget({ maxCalls, maxMs, tokenBudget: input.tokenBudget }, deps.clock);
  }

  async run(): Promise<CoderResult> {
    await this.#input.workspace.reset();
    const before = await this.#seenBefore();
    const unseen = this.#whyNotSeen(before);
    if (unseen !== null)
      return this.#abstain(`it cannot be reproduced: ${unseen}`, "a reproduction command, or a test");
    for (let number = 1; ; number += 1) {
      const { ended, bench } = await this.#converse(before);
      this.#rejected.push(...bench.rejected);
      const open = await bench.whyNotDone();
      if (open === null && ended.kind !== "abstained") await this.#hold(bench, ended);
      if (ended.kind === "abstained" && this.#held.length === 0)
        return this.#abstain(ended.reason, ended.wouldChangeMind);
      const isFinal = ended.kind === "abstained" || (ended.kind === "stopped" && ended.isFinal);
      if (isFinal || this.#isEnough() || number >= this.#deps.maxCandidates) return this.#end(ended, open, number);
      if (open !== null) this.#failed.push(await this.#account(number, bench));
    }
  }

  /** Runs the reproduction on the base. */
  async #seenBefore(): Promise<QuickCheck> {
    try {
      return await this.#input.check({ suite: false });
    } catch (error) {
      this.#input.signal.throwIfAborted();
      throw error;
    }
  }

  #whyNotSeen({ reproductionPassed, summary }: QuickCheck): string | null {
    if (reproductionPassed === true) return "the reproduction passes on the base as it is";
    if (reproductionPassed === false || !this.#deps.requireReproduction) return null;
    return `nothing makes the exception happen, neither a command nor a test that was found or written (${oneLine(summary, 300)})`;
  }

  async #converse(before: QuickCheck): Promise<{ ended: LoopOutcome; bench: Toolbox }> {
    const { model, contextBudget, nonce = randomNonce, clock } = this.#deps;
    const { workspace, event, plan, signal } = this.#input;
    await workspace.reset();
    const quoter = createQuoter(nonce());
    const tracked = await workspace.files();
    const judges = await judgeFilesOf(workspace, event);
    const bench = createToolbox(this.#input, { tracked, judges }, capped(quoter, contextBudget.maxToolOutput), clock);
    const system = systemPrompt(quoter);
    const share = promptShare(contextBudget, sizeOf(bench.tools) + system.length);
    const brief = scaled(quoter, share);
    const texts = {
      exception: describeEvent(event, tracked, brief),
      excerpts: await excerptsOf(workspace, plan.places, brief, Math.max(3, Math.round(12 * share))),
      editable: bench.editable,
      reproduction: before.reproductionPassed === false ? stripOutputNoise(before.summary, workspace) : "",
      failed: this.#failed,
    };
    const turns: ChatTurn[] = [
      { role: "system", content: system },
      { role: "user", content: userPrompt(this.#input, texts, brief) },
    ];
    const { tools, run, hopeless } = bench;
    const ended = await runAgentLoop({
      model,
      turns,
      tools,
      run,
      hopeless,
      contextBudget,
      loopBudget: this.#allowance,
      signal,
    });
    return { ended, bench };
  }

  async #hold(bench: Toolbox, ended: Exclude<LoopOutcome, { kind: "abstained" }>): Promise<void> {
    const { workspace, reproduction, behaviour } = this.#input;
    const why = ended.kind === "finished" ? ended.explanation : `The model gave no explanation: ${ended.why}.`;
    const check = bench.lastCheck();
    this.#held.push({
      diff: await workspace.diff(),
      explanation: why,
      suitePassed: check?.suitePassed ?? null,
      // The output of a test shows that it passed, not what the code returned.
      output: reproduction ? undefined : check?.output,
      behaviour: this.#deps.compareCandidates > 1 ? ((await behaviour?.()) ?? null) : null,
    });
  }

  /**
   * A candidate that only catches the exception is the last resort: the search for a better one goes on within the
   * limits.
   */
  #isEnough(): boolean {
    return this.#held.filter(({ diff }) => !onlyCatches(diff)).length >= this.#deps.compareCandidates;
  }

  async #account(number: number, bench: Toolbox): Promise<string> {
    const lines = (await this.#input.workspace.diff()).split("\n").filter((line) => /^[+-](?![+-]{2} )/.test(line));
    const change = lines.slice(0, 12).join("\n");
    return `Candidate ${number} did not hold: ${bench.rejected.at(-1) ?? "it was not finished"}\n${change}`.slice(
      0,
      1200,
    );
  }

  async #end(ended: LoopOutcome, open: string | null, tried: number): Promise<CoderResult> {
    const [first, ...others] = this.#held;
    if (first === undefined) {
      const why = ended.kind === "stopped" ? ended.why : "it was not finished";
      const all = tried > 1 ? `none of ${tried} candidate patches held; ` : "";
      return this.#abstain(`${all}${why}; ${open}`, "more room to work, or guidance");
    }
    const choice = chooseCandidate([first, ...others]);
    if (choice.kind === "one") return this.#patch(choice.winner);
    const [a, b] = choice.between.map(({ explanation }) => oneLine(explanation, 300));
    this.#rejected.push(
      ...choice.between.map(({ explanation }) => `${explanation}: holds, and so does another that behaves otherwise`),
    );
    return this.#abstain(
      `two patches hold and behave differently: ${a}; or ${b}`,
      "a test that says which of the two is meant, or a person's word",
    );
  }

  async #patch({ diff, explanation }: Candidate): Promise<CoderResult> {
    const { workspace } = this.#input;
    await workspace.reset();
    await workspace.apply(diff);
    const warning = onlyCatches(diff) ? " It catches what is thrown; nothing that repairs the cause held." : "";
    return {
      kind: "patch",
      by: this.#by,
      explanation: `${short(explanation, 3800)}${warning}`,
      rejected: [...this.#rejected],
      tokens: this.#allowance.tokens,
    };
  }

  async #abstain(reason: string, wouldChangeMind: string): Promise<CoderResult> {
    await this.#input.workspace.reset();
    return {
      kind: "abstained",
      reason: oneLine(reason, 1900) || "the model gave no reason",
      wouldChangeMind: oneLine(wouldChangeMind, 900) || "guidance from a person",
      rejected: [...this.#rejected],
      tokens: this.#allowance.tokens,
    };
  }
}
