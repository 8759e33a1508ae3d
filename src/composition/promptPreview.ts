import { eventOnBase } from "../agents/branch/eventOnBase.ts";
import { inputFor as coderInput } from "../agents/coder/node.ts";
import type { AgentDeps } from "../agents/deps.ts";
import { inputFor as plannerInput } from "../agents/planner/node.ts";
import { viewOf } from "../agents/triage/node.ts";
import type { Recall } from "../autonomy/memory.ts";
import type { Config } from "../config/index.ts";
import type { AgentPrompt, PromptPreview } from "../domain/agentPrompt.ts";
import { SelfhealError } from "../domain/errors.ts";
import type { ChangeHistory } from "../domain/ports/changeHistory.ts";
import type { ChatModel, ChatTurn } from "../domain/ports/chatModel.ts";
import type { Service } from "../domain/service.ts";
import type { Ticket } from "../domain/ticket.ts";
import { bestSample } from "../tickets/bestSample.ts";
import { regressionTestOf } from "../tickets/regressionTestOf.ts";
import { requireService, requireTicket } from "../tickets/requireTicket.ts";
import { modelBrains } from "./brains.ts";

/** A worktree of its own, so that a preview does not disturb a run in the ticket's worktree. */
const TREE = "prompt-preview";

interface Deps {
  agents: Pick<AgentDeps, "tickets" | "issues" | "blobs" | "workspaces" | "services" | "clock">;
  config: Config;
  history: ChangeHistory;
  recall: Recall;
  baseOf(service: Service): Promise<string | null>;
}

/** Carries the prompt that a brain was about to send. The model of the preview throws it. */
class RecordedPrompt extends Error {
  readonly turns: readonly ChatTurn[];
  readonly tools: readonly string[];

  constructor(turns: readonly ChatTurn[], tools: readonly string[]) {
    super("a prompt was heard");
    this.turns = turns;
    this.tools = tools;
  }
}

type Agent = AgentPrompt["agent"];

/**
 * Shows the prompts of a ticket's agents without calling a model. The agents' own brains run over a model that only
 * records, so the same code builds the prompts. No command runs, so the output of reproductions and tools is missing
 * from them.
 */
export function createPromptPreview(deps: Deps): PromptPreview {
  let before: Promise<unknown> = Promise.resolve();
  return (ticketId, signal) => {
    // One preview at a time: they share a worktree.
    const now = before.catch(() => undefined).then(() => preview(deps, ticketId, signal));
    before = now;
    return now;
  };
}

async function preview(deps: Deps, ticketId: string, signal: AbortSignal): Promise<AgentPrompt[]> {
  const ticket = await requireTicket(deps.agents.tickets, ticketId);
  const { model } = deps.config;
  const listener = (agent: Agent): ChatModel => ({
    name: model.perAgent[agent] ?? model.name,
    structured: ({ turns }) => Promise.reject(new RecordedPrompt(turns, [])),
    withTools: ({ turns, tools }) =>
      Promise.reject(
        new RecordedPrompt(
          turns,
          tools.map(({ name }) => name),
        ),
      ),
  });
  // Nothing is run, so there is no reproduction. Where a reproduction is required, the coder would abstain without
  // asking.
  const asking = { ...deps.config, model: { ...model, requireReproduction: false } };
  const brains = modelBrains(asking, deps.agents.clock, listener);
  const asked: Record<Agent, () => Promise<unknown>> = {
    triage: async () => brains.triage.triage(await viewsOf(deps, ticket), signal),
    planner: async () =>
      brains.planner.plan(await plannerInput(memoryOf(deps), ticket, await groundOf(deps, ticket, signal))),
    coder: async () => brains.coder.code(await inputOfCoder(deps, ticket, signal)),
    securityReviewer: async () => brains.reviewer.review({ ...(await patchOf(deps, ticket)), signal }),
  };
  const prompts: AgentPrompt[] = [];
  for (const [agent, ask] of Object.entries(asked) as [Agent, () => Promise<unknown>][]) {
    const brain = brains[agent === "securityReviewer" ? "reviewer" : agent].name;
    prompts.push({ agent, brain, ...(await recordPrompt(ask, signal)) });
  }
  return prompts;
}

async function recordPrompt(
  ask: () => Promise<unknown>,
  signal: AbortSignal,
): Promise<Omit<AgentPrompt, "agent" | "brain">> {
  try {
    await ask();
    return { turns: [], tools: [], why: "it would not ask" };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof RecordedPrompt) {
      const turns = error.turns.map(({ role, content }) => ({ role, content }));
      return { turns, tools: [...error.tools], why: null };
    }
    if (error instanceof SelfhealError) return { turns: [], tools: [], why: error.message };
    throw error;
  }
}

function memoryOf({ agents, history, recall }: Deps) {
  return { issues: agents.issues, workspaces: agents.workspaces, history, recall };
}

/** The ticket's Issues as triage would see them if they arrived alone. */
async function viewsOf({ agents }: Deps, ticket: Ticket) {
  const issues = await Promise.all(ticket.issueIds.map((id) => agents.issues.get(id)));
  const now = agents.clock.now();
  return Promise.all(
    issues.filter((issue) => issue !== null).map((issue, i) => viewOf(agents, issue, i, now, undefined)),
  );
}

async function groundOf({ agents, history, baseOf }: Deps, ticket: Ticket, signal: AbortSignal) {
  const service = requireService(agents.services, ticket);
  const newest = await bestSample(agents.issues, ticket);
  if (newest === null) throw new SelfhealError("noEvent", "no event of this ticket is kept");
  const base = ticket.patch?.baseCommit ?? (await baseOf(service));
  if (base === null) throw new SelfhealError("diverged", "the live commit and the branch have diverged");
  const workspace = await agents.workspaces.open(service, TREE, base);
  return { event: await eventOnBase(history, workspace, newest), workspace, signal };
}

async function inputOfCoder(deps: Deps, ticket: Ticket, signal: AbortSignal) {
  const { plan } = ticket;
  if (plan === null || plan.action !== "fix") throw new SelfhealError("planNotFound", "there is no plan to fix it yet");
  const ground = await groundOf(deps, ticket, signal);
  const own = await regressionTestOf(deps.agents.blobs, ticket.reproduction);
  const notRun = { reproductionPassed: null, suitePassed: null, summary: "nothing was run" };
  return coderInput(
    { recall: deps.recall, checkFor: () => async () => notRun, reproducer: NONE },
    ticket,
    { attempt: ticket.attempts.length },
    { ...ground, plan },
    { own, tokenBudget: Number.MAX_SAFE_INTEGER },
  );
}

const NONE = {
  find: async () => ({ kind: "none" as const, notes: [], tokens: 0 }),
  pin: async <T>({ test }: { test: T }) => test,
};

async function patchOf({ agents }: Deps, { patch, evidence }: Ticket) {
  const diff = patch === null ? null : await agents.blobs.get(patch.digest);
  if (diff === null || evidence === null) throw new SelfhealError("patchNotFound", "there is no tested patch yet");
  return { diff, evidence, before: new Map<string, string>(), after: new Map<string, string>() };
}
