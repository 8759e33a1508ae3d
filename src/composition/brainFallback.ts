import type { CoderBrain, CoderInput, CoderResult } from "../agents/coder/contract.ts";
import type { PlannerBrain } from "../agents/planner/contract.ts";
import type { ReviewerBrain } from "../agents/securityReviewer/contract.ts";
import type { TriageBrain } from "../agents/triage/contract.ts";
import { ModelError } from "../domain/modelError.ts";

/**
 * Triage by the model, and by rules when the model fails. `by` in the result names the brain that answered. An abort is
 * thrown as it is.
 */
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

/**
 * Plans by rules, which cost nothing, and calls the model only if the rules abstain. `plan.by` names the brain that
 * planned.
 */
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

/**
 * Codes by rules, and calls the model only if the rules abstain. The model starts on a clean tree and receives what the
 * rules tried. `by` names the brain that wrote the Patch.
 */
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

/** Every reviewer runs. Findings and gaps are added up, so no reviewer can remove a finding of another. */
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
 * Returns a permanent fault; the result of the rules then counts. Throws a temporary fault (the endpoint is down), so
 * that the node is retried and at last a person is asked. An outage is no reason to give up a ticket.
 */
function lasting(error: unknown): ModelError {
  if (error instanceof ModelError && !error.retryable && error.code !== "model.aborted") return error;
  throw error;
}

function tokensOf(error: ModelError): number {
  return error.usage.inputTokens + error.usage.outputTokens;
}
