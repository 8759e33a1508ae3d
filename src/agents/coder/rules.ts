import { digestOf } from "../../domain/patch.ts";
import type { Clock } from "../../domain/ports/clock.ts";
import type { Workspace } from "../../domain/ports/workspace.ts";
import { isTestPath } from "../../policy/testPaths.ts";
import { sourcePlaces } from "../../repair/buildOutput.ts";
import type { Candidate, Place, Tree } from "../../repair/candidate.ts";
import { applyEdits } from "../../repair/edits.ts";
import { repairCandidates } from "../../repair/engine.ts";
import { handedOver, repairTarget } from "../../repair/frames.ts";
import { lineBefore } from "../../repair/restoreRemovedGuard.ts";
import { rivalCandidates, seenToDiffer } from "../../repair/rivalCandidates.ts";
import { siblingSites } from "../../repair/siblingSites.ts";
import { isParsable } from "../../syntax/grammars.ts";
import { judgeFilesOf } from "../../tools/tests/judge/judgeFiles.ts";
import type { CoderBrain, CoderInput, CoderResult } from "./contract.ts";
import { rankByLessons } from "./rankByLessons.ts";

/** How long one round may try candidates, milliseconds. */
const BUDGET_MS = 180_000;
/** How many candidates one round may try. */
const MAX_TRIED = 40;
/** Lowest score that is proposed without a reproduction: only what is nearly always right. */
const BLIND_SCORE = 76;
/**
 * Lowest score that is tried. Below it, patches that turn the reproduction green are wrong more often than right
 * (measured, docs/repair.md), so none is proposed.
 */
const SEEN_SCORE = 60;

interface RulesCoderDeps {
  clock: Clock;
  budgetMs?: number;
}

/** Tries the repair templates, best first, and keeps the first patch that passes the checks. No model, no cost. */
export function createRulesCoder(deps: RulesCoderDeps): CoderBrain {
  return {
    name: "rules",
    async code(input) {
      const deadline = deps.clock.now() + (deps.budgetMs ?? BUDGET_MS);
      const round = new Round(input, () => deps.clock.now() >= deadline || input.signal.aborted);
      const { candidates, tree } = await candidatesFor(input);
      return round.run(candidates, tree);
    },
  };
}

/**
 * Candidates for the planned places, with the values of variables from the Event. Files that judge the
 * Patch are not changed.
 */
async function candidatesFor(input: CoderInput): Promise<{ candidates: Candidate[]; tree: Tree }> {
  const { event, plan, workspace } = input;
  const tracked = await workspace.files();
  const judges = await judgeFilesOf(workspace, event);
  const ours = tracked.filter((f) => !isTestPath(f) && !(isParsable(f) && judges.has(f)));
  const tree = { files: async () => ours, read: (path: string) => workspace.read(path) };
  const target = repairTarget(event, ours);
  const handed = handedOver(target.exception, ours);
  const running = target.places.length > 0 ? target.places : plan.places;
  const places = workspace.service.buildCommand === undefined ? running : await sourcePlaces(running, tree);
  const proposed = await repairCandidates({ exception: target.exception, places, tree, handedOver: handed });
  const candidates = [...(await former(workspace, places[0])), ...proposed];
  return { candidates: rankByLessons(candidates, input.recollections ?? [], SEEN_SCORE), tree };
}

/**
 * A candidate that restores the crashing line as it was before the commit that wrote it, if that commit removed a
 * guard.
 */
async function former(workspace: Workspace, place: Place | undefined): Promise<Candidate[]> {
  const commit = place === undefined ? null : await workspace.blame(place.file, place.line);
  const reverse = commit === null ? null : await workspace.reverseOf(commit.commit);
  if (place === undefined || commit === null || reverse === null) return [];
  const text = await workspace.read(place.file);
  const found = lineBefore({ reverse, commit: commit.commit, subject: commit.subject }, place, text);
  return found === null ? [] : [found];
}

/** taken: the candidate passed; `output` is what its reproduction printed. */
type Verdict = { kind: "taken"; output: string | undefined } | { kind: "refused" };

/** One round of candidates. Every refusal is kept in words. */
class Round {
  readonly #input: CoderInput;
  readonly #isOver: () => boolean;
  readonly #rejected: string[] = [];
  #tried = 0;

  constructor(input: CoderInput, isOver: () => boolean) {
    this.#input = input;
    this.#isOver = isOver;
  }

  async run(candidates: readonly Candidate[], tree: Tree): Promise<CoderResult> {
    if (candidates.length === 0) {
      return this.#abstain(
        "no repair template fits what crashed",
        "a model as the brain, or an event with frames that fit this commit",
      );
    }
    // Candidates that only hide the crash come last, whatever their score.
    const ordered = [...candidates].sort((a, b) => Number(a.hides) - Number(b.hides) || b.score - a.score);
    for (const candidate of ordered) {
      if (this.#isOver() || this.#tried >= MAX_TRIED) break;
      const verdict = await this.#try(candidate);
      if (verdict.kind === "refused") continue;
      const rival = await this.#rivalOf(candidate, ordered, verdict.output);
      if (rival !== null) return this.#undecided(candidate, rival);
      return this.#patch(candidate, tree);
    }
    await this.#input.workspace.reset();
    if (this.#isOver())
      return this.#abstain("the time for trying repairs is over", "more time, or a faster reproduction");
    return this.#abstain(
      this.#tried === 0
        ? "no repair that fits is likely enough to be what its author would write"
        : `none of ${this.#tried} tried repairs held`,
      "a reproduction command, a person's guidance, or a model as the brain",
    );
  }

  async #try(candidate: Candidate): Promise<Verdict> {
    if (candidate.score < SEEN_SCORE)
      return this.#refuse(candidate, `too weak a guess (${Math.round(candidate.score)} of 100)`);
    await applied(this.#input.workspace, candidate);
    if (this.#input.rejectedDigests.includes(digestOf(await this.#input.workspace.diff()))) {
      return this.#refuse(candidate, "turned down before");
    }
    this.#tried += 1;
    const quick = await this.#input.check({ suite: false });
    if (quick.reproductionPassed === false)
      return this.#refuse(candidate, `the exception is still there${said(quick.summary)}`);
    if (quick.reproductionPassed === null) {
      if (candidate.hides)
        return this.#refuse(candidate, "it only hides the crash, and nothing shows that this is right");
      if (candidate.score < BLIND_SCORE) return this.#refuse(candidate, "not sure enough without a reproduction");
    }
    const whole = await this.#input.check({ suite: true });
    if (whole.suitePassed === false)
      return this.#refuse(candidate, `tests that passed fail with it${said(whole.summary)}`);
    return { kind: "taken", output: quick.output };
  }

  /**
   * Another candidate that also passes, is nearly as likely, and behaves differently. null: there is none, and the
   * workspace contains the winner.
   */
  async #rivalOf(
    winner: Candidate,
    candidates: readonly Candidate[],
    output: string | undefined,
  ): Promise<Candidate | null> {
    for (const rival of rivalCandidates(winner, candidates)) {
      if (this.#isOver()) break;
      await applied(this.#input.workspace, rival);
      const quick = await this.#input.check({ suite: false });
      if (quick.reproductionPassed !== true) continue;
      if (!seenToDiffer(winner, rival, { winner: output, rival: quick.output })) continue;
      const whole = await this.#input.check({ suite: true });
      if (whole.suitePassed !== false) return rival;
    }
    await applied(this.#input.workspace, winner);
    return null;
  }

  async #undecided(winner: Candidate, rival: Candidate): Promise<CoderResult> {
    await this.#input.workspace.reset();
    for (const candidate of [winner, rival])
      this.#refuse(candidate, "holds, and so does another that behaves otherwise");
    return this.#abstain(
      `two repairs hold and behave differently: ${winner.explanation}; or ${rival.explanation}`.slice(0, 600),
      "a test that says which of the two is meant, or a person's word",
    );
  }

  #refuse(candidate: Candidate, why: string): Verdict {
    this.#rejected.push(`${candidate.template}: ${candidate.explanation}: ${why}`.slice(0, 500));
    return { kind: "refused" };
  }

  async #patch(candidate: Candidate, tree: Tree): Promise<CoderResult> {
    const siblings = await siblingSites(candidate, tree);
    const also =
      siblings.length === 0 ? "" : ` The same stands unguarded, and was not changed, at ${siblings.join(", ")}.`;
    return {
      kind: "patch",
      by: `rules:${candidate.template}`,
      explanation: `${candidate.explanation}.${also}`,
      rejected: this.#rejected,
      tokens: 0,
    };
  }

  #abstain(reason: string, wouldChangeMind: string): CoderResult {
    return { kind: "abstained", reason, wouldChangeMind, rejected: this.#rejected, tokens: 0 };
  }
}

/** Resets the workspace to the base and applies the candidate. */
async function applied(workspace: Workspace, candidate: Candidate): Promise<void> {
  await workspace.reset();
  for (const path of new Set(candidate.edits.map((e) => e.path))) {
    const edits = candidate.edits.filter((e) => e.path === path);
    await workspace.write(path, applyEdits(await workspace.read(path), edits));
  }
}

function said(summary: string): string {
  return summary === "" ? "" : `: ${summary.slice(0, 200)}`;
}
