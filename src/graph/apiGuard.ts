import type { Ops } from "@langchain/langgraph-api/storage";
import { isClosed } from "../domain/ticket.ts";
import { type ApiRequestDeps, admit, refusal } from "./apiRequests.ts";

/** What `guardOps` asks before it lets a call through to the storage. */
export interface GuardDeps extends ApiRequestDeps {
  /** Whether selfheal itself makes the current call. Such a call passes without a check. */
  isOurs: () => boolean;
  /** Is called after a run on the thread was cancelled. The receiver takes care of the ticket. */
  cancelled(threadId: string): void;
}

/**
 * Puts the rules for a ticket's threads in front of the storage of the LangGraph API. Every route that creates a run,
 * answers, cancels, deletes or writes state calls this storage, so no route can avoid the rules. Changes `ops` itself.
 * A refused call throws HTTPException 409, 422 or 502 with `{error: {code, message}}`.
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
      const bound = { ...(deps.caller().administers ? kwargs : onlyAnswer(kwargs)), command: { resume } };
      // The question is already claimed for this answer: the run waits in the queue and is never refused.
      const queued = { ...options, multitaskStrategy: "enqueue" as const, preventInsertInInflight: false };
      return put(runId, assistantId, bound, queued, auth);
    });
  };
  guardCancel(ops, deps);
  guardThreads(threads, deps);
  return ops;
}

/** A run without what calls out (a webhook) or what changes how it runs. Whoever only approves gives no such settings. */
function onlyAnswer<T extends object>(kwargs: T): T {
  const settings = ["webhook", "context", "interrupt_before", "interrupt_after"];
  const kept = Object.entries(kwargs).filter(([key]) => !settings.includes(key));
  return { ...Object.fromEntries(kept), config: {} } as T;
}

type IncomingCommand = { resume?: unknown; goto?: unknown; update?: unknown } | null | undefined;

function guardCancel({ runs }: Ops, deps: GuardDeps): void {
  const cancel = runs.cancel.bind(runs);
  runs.cancel = async (threadId, runIds, _options, auth) => {
    // "rollback" would delete the run's checkpoints from the server's own checkpointer, which selfheal does not use.
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
  // A client that follows a run and disconnects (a closed tab) does not cancel the run.
  runs.stream.join = async function* (runId, threadId, options, auth) {
    // The storage would stream a run of any thread, whatever thread the path names.
    if (!deps.isOurs() && threadId !== undefined) {
      const run = await runs.get(runId, undefined, auth);
      if (run !== null && run.thread_id !== threadId)
        throw refusal(404, { code: "notFound", message: "There is no such run on this thread." });
    }
    yield* join(runId, threadId, { ...options, cancelOnDisconnect: false }, auth);
  };
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
