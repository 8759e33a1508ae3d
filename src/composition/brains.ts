import type { CoderBrain } from "../agents/coder/contract.ts";
import { createModelCoder, type ModelCoderOptions } from "../agents/coder/model.ts";
import { createModelTestSource } from "../agents/coder/reproducing/modelTestSource.ts";
import type { TestSource } from "../agents/coder/reproducing/reproducer.ts";
import { withRevert } from "../agents/coder/revertCulprit.ts";
import { createRulesCoder } from "../agents/coder/rules.ts";
import type { PlannerBrain } from "../agents/planner/contract.ts";
import { createModelPlanner } from "../agents/planner/model.ts";
import { createRulesPlanner } from "../agents/planner/rules.ts";
import type { ReviewerBrain } from "../agents/securityReviewer/contract.ts";
import { createModelReviewer } from "../agents/securityReviewer/model.ts";
import { createRulesReviewer } from "../agents/securityReviewer/rules.ts";
import type { TriageBrain } from "../agents/triage/contract.ts";
import { createModelTriage } from "../agents/triage/model.ts";
import { createRulesTriage } from "../agents/triage/rules.ts";
import type { Config } from "../config/index.ts";
import { InvalidInputError } from "../domain/errors.ts";
import type { ChatModel } from "../domain/ports/chatModel.ts";
import type { Clock } from "../domain/ports/clock.ts";
import { createOpenAIModel } from "../integrations/openai/chatModel.ts";
import { createScanners } from "../tools/scanners/scanners.ts";
import { coderRulesThenModel, modelThenRules, plannerRulesThenModel, union } from "./brainFallback.ts";

/** Model settings that come only from the environment. */
export interface ModelSecrets {
  apiKey?: string | undefined;
  baseUrl?: string | undefined;
}

/** The implementation behind each agent: rules, a model, or both. */
export interface Brains {
  triage: TriageBrain;
  planner: PlannerBrain;
  coder: CoderBrain;
  reviewer: ReviewerBrain;
  /** Writes tests that reproduce an exception where the rules find none. Absent: no model writes tests. */
  testWriter?: TestSource;
}

/** What `createBrains` needs. */
export interface BrainDeps {
  clock: Clock;
  /** Wraps every agent's model, for example to count its tokens. */
  wrapModel?: (agent: string, model: ChatModel) => ChatModel;
}

type AgentName = keyof Config["model"]["perAgent"];

/**
 * Chooses the brains by the configuration. Throws InvalidInputError `config` if the brain is a model and it has no key,
 * or if a budget in money lacks a price.
 */
export function createBrains(config: Config, secrets: ModelSecrets, deps: BrainDeps): Brains {
  const rules: Brains = {
    triage: createRulesTriage(),
    planner: createRulesPlanner(),
    coder: withRevert(createRulesCoder(deps)),
    reviewer: createRulesReviewer({ scanners: createScanners() }),
  };
  if (config.brain === "rules") return rules;
  needPrices(config);
  const wrap = deps.wrapModel ?? ((_agent: string, model: ChatModel) => model);
  const model = (agent: AgentName) => wrap(agent, chatModel(config, secrets, agent));
  const models = modelBrains(config, deps.clock, model);
  const thenModel = config.brain === "rulesThenModel";
  return {
    triage: modelThenRules(models.triage, rules.triage),
    planner: thenModel ? plannerRulesThenModel(rules.planner, models.planner) : models.planner,
    coder: thenModel ? coderRulesThenModel(rules.coder, models.coder) : models.coder,
    // A model can only add findings, so the scanners always run as well.
    reviewer: union([rules.reviewer, models.reviewer]),
    ...(config.model.writeTests && {
      testWriter: createModelTestSource({ ...coderOptions(config), model: model("coder"), clock: deps.clock }),
    }),
  };
}

/** The brains that call a model. The caller chooses the model of each agent. */
export function modelBrains(config: Config, clock: Clock, model: (agent: AgentName) => ChatModel): Brains {
  const { contextBudget } = coderOptions(config);
  return {
    triage: createModelTriage({ model: model("triage"), contextBudget }),
    planner: createModelPlanner({ model: model("planner"), contextBudget }),
    coder: createModelCoder({ ...coderOptions(config), model: model("coder"), clock }),
    reviewer: createModelReviewer({ model: model("securityReviewer") }),
  };
}

function coderOptions({ model }: Config): ModelCoderOptions {
  const { maxToolCalls, maxCodingMs, maxCandidates, compareCandidates, requireReproduction } = model;
  const contextBudget = { maxPromptTokens: model.maxPromptTokens, maxToolOutput: model.maxToolOutput };
  return { maxToolCalls, maxCodingMs, maxCandidates, compareCandidates, requireReproduction, contextBudget };
}

/** A budget in money needs a price for every model: without one, its calls would not count against the budget. */
function needPrices({ budgets, prices, model }: Config): void {
  const inMoney = budgets.maxUsdPerTicket + budgets.maxUsdPerDay + budgets.maxUsdPerServicePerDay > 0;
  const names = [...new Set([model.name, ...Object.values(model.perAgent)])];
  const faults = names
    .filter((name) => inMoney && prices[name] === undefined)
    .map((name) => ({ path: `prices.${name}`, message: "a budget in US dollars needs the price of every model used" }));
  if (faults.length > 0) throw new InvalidInputError("config", faults);
}

function chatModel({ model }: Config, secrets: ModelSecrets, agent: AgentName): ChatModel {
  const baseUrl = model.baseUrl ?? secrets.baseUrl;
  // Local servers need no key, but the client insists on one.
  const apiKey = secrets.apiKey ?? (baseUrl === undefined ? undefined : "none");
  if (apiKey === undefined) {
    const message = "a model needs OPENAI_API_KEY in the environment, or model.baseUrl; without one use brain: rules";
    throw new InvalidInputError("config", [{ path: "brain", message }]);
  }
  return createOpenAIModel({
    name: model.perAgent[agent] ?? model.name,
    ...(baseUrl !== undefined && { baseUrl }),
    apiKey,
    structuredOutput: model.structuredOutput,
    toolCalls: model.toolCalls,
    timeoutMs: model.timeoutMs,
    maxRetries: model.maxRetries,
  });
}
