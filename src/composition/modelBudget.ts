import { AsyncLocalStorage } from "node:async_hooks";
import type { Config } from "../config/index.ts";
import { ModelError } from "../domain/modelError.ts";
import type { BatchStore } from "../domain/ports/batchStore.ts";
import type { ChatModel, ModelUsage } from "../domain/ports/chatModel.ts";
import type { Clock } from "../domain/ports/clock.ts";
import type { SpendBook } from "../domain/ports/spendBook.ts";
import type { TicketBook } from "../domain/ports/ticketBook.ts";
import type { AgentNode, RunState } from "../domain/runState.ts";
import type { Nodes } from "../graph/graph.ts";

const DAY_MS = 86_400_000;

/** The ticket and the service that the tokens of a call are counted on. */
interface Payer {
  ticketId: string;
  service: string;
}

/** What `createModelBudget` needs. */
export interface ModelBudgetDeps {
  spend: SpendBook;
  tickets: TicketBook;
  batches: BatchStore;
  config: () => Pick<Config, "maxTokensPerTicket" | "budgets" | "prices">;
  clock: Clock;
}

/** Counts the cost of model calls, and refuses calls once a budget is spent. */
export interface ModelBudget {
  /** The same nodes. Model calls inside them are counted on their ticket and service. */
  nodes(nodes: Nodes): Nodes;
  /** The same model. Once a budget is spent, a call throws ModelError `model.budget` before anything is sent. */
  model(agent: string, model: ChatModel): ChatModel;
}

/**
 * A budget is checked before each call, so the call that is running when it is reached may exceed it. Concurrent runs
 * share the daily budgets, and each may exceed them by one call.
 */
export function createModelBudget(deps: ModelBudgetDeps): ModelBudget {
  const paying = new AsyncLocalStorage<Payer>();
  const metered =
    (node: AgentNode): AgentNode =>
    async (state, signal, run) =>
      paying.run(await payerOf(deps, state), () => node(state, signal, run));

  const counted = async <T extends { usage: ModelUsage }>(agent: string, name: string, call: () => Promise<T>) => {
    const payer = paying.getStore() ?? { ticketId: "", service: "" };
    const spent = await spentBudget(deps, payer);
    if (spent !== null) throw new ModelError("model.budget", `${spent}; no model is asked`);
    try {
      const reply = await call();
      await note(deps, payer, agent, name, reply.usage);
      return reply;
    } catch (thrown) {
      if (thrown instanceof ModelError) await note(deps, payer, agent, name, thrown.usage);
      throw thrown;
    }
  };

  return {
    nodes: (nodes) => ({
      ...nodes,
      triage: metered(nodes.triage),
      planner: metered(nodes.planner),
      coder: metered(nodes.coder),
      securityReviewer: metered(nodes.securityReviewer),
    }),
    model: (agent, model) => ({
      name: model.name,
      structured: (request) => counted(agent, model.name, () => model.structured(request)),
      withTools: (request) => counted(agent, model.name, () => model.withTools(request)),
    }),
  };
}

/** Triage runs before there is a ticket, so its tokens are counted on the service. */
async function payerOf({ tickets, batches }: ModelBudgetDeps, { ticketId, batchId }: RunState): Promise<Payer> {
  if (ticketId !== "") return { ticketId, service: (await tickets.get(ticketId))?.service ?? "" };
  return { ticketId: "", service: (batchId === "" ? null : await batches.get(batchId))?.service ?? "" };
}

async function note(
  deps: ModelBudgetDeps,
  payer: Payer,
  agent: string,
  name: string,
  usage: ModelUsage,
): Promise<void> {
  if (usage.inputTokens + usage.outputTokens === 0) return;
  const price = deps.config().prices[name];
  const usd = price && (usage.inputTokens * price.input + usage.outputTokens * price.output) / 1_000_000;
  await deps.spend.add({ ...payer, agent, model: name, ...usage, usd: usd ?? null, at: deps.clock.now() });
}

/** Names the budget that is spent; null when every budget has something left. 0 in the configuration means no limit. */
async function spentBudget({ spend, config, clock }: ModelBudgetDeps, payer: Payer): Promise<string | null> {
  const { budgets, maxTokensPerTicket } = config();
  const sinceMs = clock.now() - DAY_MS;
  const ticket = payer.ticketId === "" ? null : await spend.sum({ ticketId: payer.ticketId });
  const day = await spend.sum({ sinceMs });
  const service = await spend.sum({ service: payer.service, sinceMs });
  const limits: [name: string, spent: number | undefined, limit: number][] = [
    ["budgets.maxUsdPerTicket", ticket?.usd, budgets.maxUsdPerTicket],
    ["budgets.maxTokensPerDay", day.tokens, budgets.maxTokensPerDay],
    ["budgets.maxUsdPerDay", day.usd, budgets.maxUsdPerDay],
    ["budgets.maxTokensPerServicePerDay", service.tokens, budgets.maxTokensPerServicePerDay],
    ["budgets.maxUsdPerServicePerDay", service.usd, budgets.maxUsdPerServicePerDay],
  ];
  // Unlike the other budgets, 0 means no tokens here.
  if (ticket !== null && ticket.tokens >= maxTokensPerTicket)
    return `maxTokensPerTicket (${maxTokensPerTicket}) is spent`;
  const over = limits.find(([, spent, limit]) => limit > 0 && spent !== undefined && spent >= limit);
  return over === undefined ? null : `${over[0]} (${over[2]}) is spent`;
}
