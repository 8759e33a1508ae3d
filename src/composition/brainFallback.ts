import type { CoderBrain, CoderInput, CoderResult } from "../agents/coder/contract.ts";
import type { PlannerBrain } from "../agents/planner/contract.ts";
import type { ReviewerBrain } from "../agents/securityReviewer/contract.ts";
import type { TriageBrain } from "../agents/triage/contract.ts";
import { ModelError } from "../domain/modelError.ts";

/** Triage by the model; by rules when it cannot be had. The result says who it was. An abort stays an abort. */
export function modelThenRules(model: TriageBrain, rules: TriageBrain): TriageBrain {
  return {
    name: `${model.name}, else ${rules.name}`,
    async triage(issues, signal) {
      try {
        return { ...(await model.triage(issues, signal)), by: model.name };
      } catch (error) {
        if (!(error instanceof ModelError) || error.code === "model.aborted") throw error;
        const { groups, tokens } = await rules.triage(issues, signal);
        return { groups, tokens: tokens + tokensOf(error), by: `${rules.name} (${error.code})` };
      }
    },
  };
}

/** Plans by rules, which cost nothing; asks the model only where they abstain. `plan.by` says who it was. */
export function plannerRulesThenModel(rules: PlannerBrain, model: PlannerBrain): PlannerBrain {
  return {
    name: `${rules.name}, then ${model.name}`,
    async plan(input) {
      const first = await rules.plan(input);
      if (first.plan.action === "fix") return first;
      const before = `${rules.name} abstained: ${first.plan.reason}`;
      try {
        const second = await model.plan(input);
        const reason = `${second.plan.reason} (${before})`.slice(0, 2000);
        return { plan: { ...second.plan, reason }, tokens: first.tokens + second.tokens };
      } catch (error) {
        const fault = lasting(error);
        const reason = `${first.plan.reason}; ${model.name} could not be asked: ${fault.message}`.slice(0, 2000);
        return { plan: { ...first.plan, reason }, tokens: first.tokens + tokensOf(fault) };
      }
    },
  };
}

/** Codes by rules; asks the model only where they abstain, on a clean tree and told why. `by` says who it was. */
export function coderRulesThenModel(rules: CoderBrain, model: CoderBrain): CoderBrain {
  return {
    name: `${rules.name}, then ${model.name}`,
    async code(input) {
      const first = await rules.code(input);
      if (first.kind === "patch") return first;
      await input.workspace.reset();
      try {
        return joined(rules.name, first, await model.code(afterRules(input, rules.name, first)));
      } catch (error) {
        const fault = lasting(error);
        await input.workspace.reset();
        const reason = `${first.reason}; ${model.name} could not be asked: ${fault.message}`;
        return { ...first, reason, tokens: first.tokens + tokensOf(fault) };
      }
    },
  };
}

type Abstained = Extract<CoderResult, { kind: "abstained" }>;

function afterRules(input: CoderInput, name: string, first: Abstained): CoderInput {
  const tried = [`${name} abstained: ${first.reason}`, ...first.rejected.map((words) => `${name} tried ${words}`)];
  const feedback = [input.feedback, ...tried].filter((line) => line !== "").join("\n");
  return { ...input, feedback, tokenBudget: Math.max(0, input.tokenBudget - first.tokens) };
}

function joined(name: string, first: Abstained, second: CoderResult): CoderResult {
  const rejected = [...first.rejected, ...second.rejected];
  const tokens = first.tokens + second.tokens;
  if (second.kind === "patch") return { ...second, rejected, tokens };
  const reason = `${second.reason} (before that, ${name}: ${first.reason})`;
  const wouldChangeMind = `${second.wouldChangeMind}; ${first.wouldChangeMind}`;
  return { kind: "abstained", reason, wouldChangeMind, rejected, tokens };
}

/** Every reviewer looks; findings and gaps are added up, so that none can take back what another one found. */
export function union(reviewers: readonly ReviewerBrain[]): ReviewerBrain {
  return {
    name: reviewers.map((reviewer) => reviewer.name).join("+"),
    async review(input) {
      const reports = await Promise.all(reviewers.map((reviewer) => reviewer.review(input)));
      return {
        findings: reports.flatMap((report) => report.findings),
        unavailable: reports.flatMap((report) => report.unavailable),
        tokens: reports.reduce((sum, report) => sum + report.tokens, 0),
      };
    },
  };
}

/**
 * A fault that another try will not mend: then the rules' word stands. One that may pass (the endpoint is down) goes up,
 * so that the node is retried and a person asked at last: an outage is no reason to give a ticket up.
 */
function lasting(error: unknown): ModelError {
  if (error instanceof ModelError && !error.retryable && error.code !== "model.aborted") return error;
  throw error;
}

function tokensOf(error: ModelError): number {
  return error.usage.inputTokens + error.usage.outputTokens;
}
