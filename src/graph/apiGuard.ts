import type { Ops } from "@langchain/langgraph-api/storage";
import { isClosed } from "../domain/ticket.ts";
import { type ApiRequestDeps, admit, refusal } from "./apiRequests.ts";

export interface GuardDeps extends ApiRequestDeps {
  /** Whether the call under way is selfheal's own. */
  isOurs: () => boolean;
  /** A run on the thread was cancelled: who looks after its ticket. */
  cancelled(threadId: string): void;
}

/**
 * The storage of the LangGraph API, with the rules for a ticket's threads in front: every route that makes a run, answers,
 * cancels, deletes or writes state comes through here, whatever it is called. Changes `ops` itself.
 */
export function guardOps(ops: Ops, deps: GuardDeps): Ops {
  const { runs, threads } = ops;
  const put = runs.put.bind(runs);
  runs.put = async (runId, assistantId, kwargs, options, auth) => {
    if (deps.isOurs()) return put(runId, assistantId, kwargs, options, auth);
    const { multitaskStrategy: strategy, threadId } = options;
    const asked = {
      threadId,
      input: kwargs.input,
      command: kwargs.command as IncomingCommand,
      configurable: kwargs.config?.configurable as Record<string, unknown> | undefined,
      cutsOff: strategy === "interrupt" || strategy === "rollback",
    };
    return admit(deps, asked, (resume) => {
      if (resume === undefined) return put(runId, assistantId, kwargs, options, auth);
      const bound = { ...kwargs, command: { resume } };
      // Claimed before: it waits its turn rather than being turned away.
      const queued = { ...options, multitaskStrategy: "enqueue" as const, preventInsertInInflight: false };
      return put(runId, assistantId, bound, queued, auth);
    });
  };
  guardCancel(ops, deps);
  guardThreads(threads, deps);
  return ops;
}

type IncomingCommand = { resume?: unknown; goto?: unknown; update?: unknown } | null | undefined;

function guardCancel({ runs }: Ops, deps: GuardDeps): void {
  const cancel = runs.cancel.bind(runs);
  runs.cancel = async (threadId, runIds, _options, auth) => {
    // "rollback" would delete what the run did in a checkpointer that is not ours: nothing.
    await cancel(threadId, runIds, { action: "interrupt" }, auth);
    if (threadId !== undefined) deps.cancelled(threadId);
  };
  const remove = runs.delete.bind(runs);
  runs.delete = async (runId, threadId, auth) => {
    const run = await runs.get(runId, threadId, auth);
    if (run?.status === "running" || run?.status === "pending")
      throw refusal(409, { code: "busy", message: "The run is under way: cancel it first." });
    return remove(runId, threadId, auth);
  };
  const join = runs.stream.join.bind(runs.stream);
  // Who follows a run and goes away (a closed tab) does not stop it.
  runs.stream.join = (runId, threadId, options, auth) =>
    join(runId, threadId, { ...options, cancelOnDisconnect: false }, auth);
}

function guardThreads(threads: Ops["threads"], deps: GuardDeps): void {
  const refuseOnTicket = async (threadId: unknown) => {
    if (deps.isOurs() || typeof threadId !== "string" || (await deps.tickets.get(threadId)) === null) return;
    throw refusal(409, { code: "stateWrite", message: "The state of a ticket's run is not written from outside." });
  };
  const post = threads.state.post.bind(threads.state);
  threads.state.post = async (config, values, asNode, auth) => {
    await refuseOnTicket(config.configurable?.thread_id);
    return post(config, values, asNode, auth);
  };
  const bulk = threads.state.bulk.bind(threads.state);
  threads.state.bulk = async (config, supersteps, auth) => {
    await refuseOnTicket(config.configurable?.thread_id);
    return bulk(config, supersteps, auth);
  };
  const remove = threads.delete.bind(threads);
  threads.delete = async (threadId, auth) => {
    const ticket = deps.isOurs() ? null : await deps.tickets.get(threadId);
    if (ticket !== null && !isClosed(ticket.state))
      throw refusal(409, { code: "ticketOpen", message: "The thread belongs to a ticket that is not closed." });
    return remove(threadId, auth);
  };
}
