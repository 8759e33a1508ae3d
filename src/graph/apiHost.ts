import { AsyncLocalStorage } from "node:async_hooks";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { BaseCheckpointSaver } from "@langchain/langgraph";
import type { Ops } from "@langchain/langgraph-api/storage";
import { Client } from "@langchain/langgraph-sdk";
import type { ApprovalDecision } from "../domain/approval.ts";
import { SelfhealError } from "../domain/errors.ts";
import type { Log } from "../domain/ports/log.ts";
import type { RunStarter } from "../domain/ports/runStarter.ts";
import type { TicketBook } from "../domain/ports/ticketBook.ts";
import type { RunInput } from "../domain/runState.ts";
import { guardOps } from "./apiGuard.ts";
import type { ApiCaller, ApiRequestDeps } from "./apiRequests.ts";
import { settleCancelledRun, settleCancelledRuns, type ThreadState } from "./cancelledRuns.ts";
import type { SelfhealGraph } from "./graph.ts";
import { letPackageFilesBeImported } from "./packageExportsPatch.ts";
import { GRAPH, type InterruptedRun, QUEUED, recoverRuns } from "./recoverRuns.ts";
import { isAnswerPending } from "./redeliverAnswers.ts";

/** What `createApiHost` needs. */
export interface ApiHostDeps {
  graph: SelfhealGraph;
  /** The storage of the LangGraph API: runs, threads, assistants. A write is durable when its call returns. */
  persistence: object;
  /** Runs that were in state `running` when the persistence was opened. No process executes them any more. */
  left: readonly InterruptedRun[];
  /** Threads with status busy but without a run. */
  unsettled: readonly string[];
  saver: BaseCheckpointSaver;
  /** The folder in which the API may write its own files. */
  dataDir: string;
  log: Log;
  /** How many runs execute at once. */
  workers: number;
  tickets: TicketBook;
  /**
   * Takes answers that arrive through the LangGraph API. It claims the question in the same way as every other channel.
   */
  answer: ApiRequestDeps["answer"];
}

/**
 * The LangGraph API in this process. Studio and @langchain/langgraph-sdk use it, and selfheal starts its own runs
 * through it.
 */
export interface ApiHost extends RunStarter {
  /**
   * Serves one request of the API, without a socket. It does not authenticate: whoever calls this has found out who
   * `caller` is, and that the route is open to them.
   */
  fetch(request: Request, caller: ApiCaller): Promise<Response>;
  /** Continues the runs that the previous process left in the middle. Returns how many runs there were. */
  recover(): Promise<number>;
  /** Like `resume`, but does not wait for a question. Throws SelfhealError `noQuestion` when none is open now. */
  resumeNow(threadId: string, decision: ApprovalDecision): Promise<void>;
}

type ApiFetch = (url: string | Request, init?: RequestInit) => Promise<Response>;

/**
 * Hosts the official API server on our own durable persistence. It depends on one file that the package does not export
 * and on one global symbol. Both are checked here at start, and the version of @langchain/langgraph-api is pinned
 * exactly for that reason. Throws SelfhealError `langgraphApi` when either is missing.
 */
export async function createApiHost(deps: ApiHostDeps): Promise<ApiHost> {
  pinCheckpointer(deps);
  const client = inProcessClient();
  const ops = guardOps(await createOps(deps.persistence), guardsOf(deps, client));
  const here = import.meta.url;
  if (here.endsWith(".js")) letPackageFilesBeImported();
  const { startServer } = await import("@langchain/langgraph-api/server");
  const graphFile = fileURLToPath(new URL(here.endsWith(".ts") ? "./index.ts" : "./index.js", here));
  const { cleanup } = await startServer(
    {
      host: "127.0.0.1",
      port: 0,
      nWorkers: deps.workers,
      cwd: deps.dataDir,
      graphs: { [GRAPH]: `${graphFile}:graph` },
    },
    { ops },
  );
  // The server insists on a port of its own, which would have no authentication. The port is closed at once; the app
  // keeps running in this process.
  await cleanup();
  loopback();
  return {
    ...starterOver(client, deps.tickets),
    fetch: (request, caller) => CALLER.run(caller, () => serve(deps, loopback(), request)),
    async recover() {
      const left = await recoverRuns(client, deps, ops.threads);
      if (deps.workers > 0) await settleCancelledRuns(cancelledRunDeps(deps, client));
      return left;
    },
    resumeNow: (threadId, decision) => resume(client, deps.tickets, { threadId, decision, looks: 1 }),
  };
}

/** Starts runs through the LangGraph API server of this process: ours, or the one of `langgraphjs dev`. */
export function createApiStarter(tickets: TicketBook, token?: string): RunStarter {
  return starterOver(inProcessClient(token), tickets);
}

function starterOver(client: Client, tickets: TicketBook): RunStarter {
  return {
    start: (threadId, input) => start(client, threadId, input),
    resume: (threadId, decision) => resume(client, tickets, { threadId, decision, looks: LOOKS }),
    stop: (threadId) => stop(client, threadId),
  };
}

/**
 * Set while selfheal itself calls the API. Such a call has already claimed the answer it delivers, so the guard lets it
 * through.
 */
const OURS = new AsyncLocalStorage<true>();

/** Who makes the current request. Outside of a request nobody may do anything. */
const CALLER = new AsyncLocalStorage<ApiCaller>();
const NOBODY: ApiCaller = { name: "unknown", administers: false };

function inProcessClient(token?: string): Client {
  const fetch = (url: string | URL | Request, init?: RequestInit) =>
    OURS.run(true, () => loopback()(String(url), init));
  return new Client({ apiUrl: "http://in-process", apiKey: token ?? null, callerOptions: { fetch } });
}

function guardsOf(deps: ApiHostDeps, client: Client) {
  return {
    tickets: deps.tickets,
    answer: deps.answer,
    isOurs: () => OURS.getStore() === true,
    caller: () => CALLER.getStore() ?? NOBODY,
    cancelled: (threadId: string) => void settleCancelledRun(cancelledRunDeps(deps, client), threadId),
    look: async (threadId: string, waits: boolean) => {
      // No run has used this thread yet: there is nothing to read, and the API answers 404.
      const thread = await client.threads.get(threadId).catch(() => null);
      if (thread === null) return { busy: false, question: null, checkpoint: null };
      const question = await openQuestion(client, threadId, waits ? LOOKS : 1);
      const state = await client.threads.getState(threadId);
      // A thread without a run has no checkpoint, whatever the SDK's types say.
      const newest = state.checkpoint as { checkpoint_id?: string | null } | null;
      return { busy: thread.status === "busy", question, checkpoint: newest?.checkpoint_id ?? null };
    },
  };
}

function cancelledRunDeps(deps: ApiHostDeps, client: Client) {
  return {
    tickets: deps.tickets,
    starter: starterOver(client, deps.tickets),
    resumeNow: (threadId: string, decision: ApprovalDecision) =>
      resume(client, deps.tickets, { threadId, decision, looks: 1 }),
    threadStateOf: (threadId: string) => threadStateOf(client, threadId),
    log: deps.log,
  };
}

async function threadStateOf(client: Client, threadId: string): Promise<ThreadState> {
  const thread = await client.threads.get(threadId).catch(() => null);
  if (thread === null) return "done";
  if (thread.status === "busy") return "busy";
  const { next, tasks } = await client.threads.getState(threadId);
  if (tasks.some((task) => task.interrupts.length > 0)) return "asking";
  return next.length > 0 ? "left" : "done";
}

/**
 * The server replaces the checkpointer of every graph it loads by one in memory. This property ignores the replacement.
 */
function pinCheckpointer({ graph, saver }: ApiHostDeps): void {
  Object.defineProperty(graph, "checkpointer", { configurable: true, get: () => saver, set: () => undefined });
}

async function start(client: Client, threadId: string, input: RunInput): Promise<void> {
  await client.threads.create({ threadId, graphId: GRAPH, ifExists: "do_nothing" });
  if (await isStarted(client, threadId, input)) return;
  await client.runs.create(threadId, GRAPH, { input: { ...input }, ...QUEUED });
}

/**
 * Whether nothing needs to be started: the thread already had a run. When a person starts the ticket again, only a run
 * that is running or pending counts.
 */
async function isStarted(client: Client, threadId: string, input: RunInput): Promise<boolean> {
  if (input.entry !== "batch" && input.entry !== "ticket") return false;
  const again = input.entry === "ticket" && input.startedBy !== undefined;
  const statuses = again ? (["running", "pending"] as const) : [undefined];
  for (const status of statuses)
    if ((await client.runs.list(threadId, { limit: 1, ...(status && { status }) })).length > 0) return true;
  return false;
}

async function stop(client: Client, threadId: string): Promise<void> {
  for (const status of ["running", "pending"] as const) {
    for (const run of await client.runs.list(threadId, { status })) await client.runs.cancel(threadId, run.run_id);
  }
}

/**
 * People see a question a moment before the run reaches its interrupt: how often, and at which interval, the run is
 * checked.
 */
const LOOKS = 100;
const LOOK_MS = 50;

/**
 * Answers the open question by its id, so that a late answer reaches no other question. Throws SelfhealError
 * `noQuestion` when no question is open.
 */
async function resume(
  client: Client,
  tickets: Pick<TicketBook, "get">,
  { threadId, decision, looks }: { threadId: string; decision: ApprovalDecision; looks: number },
): Promise<void> {
  const open = await openQuestion(client, threadId, looks);
  // The ticket is read after the question: the question that is open now may already be the next one.
  if (!isAnswerPending(await tickets.get(threadId), decision)) return;
  if (open === null) throw new SelfhealError("noQuestion", `no question is open on ${threadId}`);
  await client.runs.create(threadId, GRAPH, { command: { resume: { [open]: { decisions: [decision] } } }, ...QUEUED });
}

function openQuestion(client: Client, threadId: string, looks: number): Promise<string | null> {
  const look = async () => ({
    // Status first, question second: a run that stops in between is then reported as busy and is checked once more.
    busy: (await client.threads.get(threadId)).status === "busy",
    open: await openQuestions(client, threadId),
  });
  return questionOf(look, () => delay(LOOK_MS), looks);
}

/**
 * The id of the open question, or of the question that a running run reaches within `looks` checks. null when there is
 * none.
 */
export async function questionOf(
  look: () => Promise<{ busy: boolean; open: readonly string[] }>,
  wait: () => Promise<void>,
  looks: number,
): Promise<string | null> {
  for (let left = looks; left > 0; left -= 1) {
    const { busy, open } = await look();
    if (open[0] !== undefined) return open[0];
    if (!busy) return null;
    if (left > 1) await wait();
  }
  return null;
}

async function openQuestions(client: Client, threadId: string): Promise<string[]> {
  const state = await client.threads.getState(threadId);
  return state.tasks.flatMap((task) => task.interrupts.flatMap((i) => i.id ?? []));
}

async function serve(deps: ApiHostDeps, api: ApiFetch, request: Request): Promise<Response> {
  const response = await api(request);
  const thread = /^\/threads\/([0-9a-f-]{36})$/.exec(new URL(request.url).pathname)?.[1];
  // The server would only clear a checkpointer of its own, which selfheal does not use.
  if (request.method === "DELETE" && thread !== undefined && response.ok) await deps.saver.deleteThread(thread);
  return response;
}

async function createOps(persistence: object): Promise<Ops> {
  const file = new URL("./storage/ops.mjs", import.meta.resolve("@langchain/langgraph-api/server"));
  const { FileSystemOps } = (await import(file.href)) as { FileSystemOps?: new (conn: object) => Ops };
  if (FileSystemOps === undefined) throw unfit("storage/ops.mjs has no FileSystemOps");
  return new FileSystemOps(persistence);
}

function loopback(): ApiFetch {
  const api = (globalThis as Record<symbol, unknown>)[Symbol.for("langgraph_api:fetch")];
  if (typeof api !== "function") throw unfit("it bound no in-process fetch");
  return api as ApiFetch;
}

function unfit(what: string): SelfhealError {
  return new SelfhealError(
    "langgraphApi",
    `this version of @langchain/langgraph-api does not fit: ${what}; 1.5.1 does`,
  );
}
