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
import type { ApiRequestDeps } from "./apiRequests.ts";
import { settleCancelledRun, settleCancelledRuns, type ThreadState } from "./cancelledRuns.ts";
import type { SelfhealGraph } from "./graph.ts";
import { GRAPH, type InterruptedRun, QUEUED, recoverRuns } from "./recoverRuns.ts";
import { isAnswerPending } from "./redeliverAnswers.ts";
import { letPackageFilesBeImported } from "./versions.ts";

export interface ApiHostDeps {
  graph: SelfhealGraph;
  /** What the LangGraph API keeps: runs, threads, assistants. Durable when a call returns. */
  persistence: object;
  /** Runs found in state `running` when the persistence was opened; nobody runs them any more. */
  left: readonly InterruptedRun[];
  /** Threads that say they are busy though no run is on them. */
  unsettled: readonly string[];
  saver: BaseCheckpointSaver;
  /** Where the API may write its own files. */
  dataDir: string;
  log: Log;
  /** How many runs at once. */
  workers: number;
  tickets: TicketBook;
  /** Takes answers that come through the LangGraph API; the same claim as for every other way. */
  answer: ApiRequestDeps["answer"];
}

/** The LangGraph API in this process: what Studio and @langchain/langgraph-sdk speak to, and how we start runs ourselves. */
export interface ApiHost extends RunStarter {
  /** Serves one request of the API, without a socket. No auth: whoever mounts it puts auth in front. */
  fetch(request: Request): Promise<Response>;
  /** Goes on with what the last process left in the middle. Returns how many threads. */
  recover(): Promise<number>;
  /** Like `resume`, but waits for no question: SelfhealError `noQuestion` when none is open now. */
  resumeNow(threadId: string, decision: ApprovalDecision): Promise<void>;
}

type ApiFetch = (url: string | Request, init?: RequestInit) => Promise<Response>;

/**
 * Hosts the official API server on our own durable persistence. It rests on one file that the package does not export and
 * one global symbol, both checked here at start; the pin of @langchain/langgraph-api is exact for that reason.
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
  // The server insists on a port of its own, which would have no auth: it is closed at once, its app lives on in process.
  await cleanup();
  loopback();
  return {
    ...starterOver(client, deps.tickets),
    fetch: (request) => serve(deps, loopback(), request),
    async recover() {
      const left = await recoverRuns(client, deps, ops.threads);
      if (deps.workers > 0) await settleCancelledRuns(strandedOf(deps, client));
      return left;
    },
    resumeNow: (threadId, decision) => resume(client, deps.tickets, { threadId, decision, looks: 1 }),
  };
}

/** Starts runs through whichever LangGraph API server this process is: ours, or `langgraphjs dev`. */
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

/** Set while a call of our own goes through the API: it claimed what it delivers, and knows what it starts. */
const OURS = new AsyncLocalStorage<true>();

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
    cancelled: (threadId: string) => void settleCancelledRun(strandedOf(deps, client), threadId),
    look: async (threadId: string, waits: boolean) => {
      // Nobody ran on it yet: there is nothing to read, and the API says 404.
      const thread = await client.threads.get(threadId).catch(() => null);
      if (thread === null) return { busy: false, question: null, checkpoint: null };
      const question = await openQuestion(client, threadId, waits ? LOOKS : 1);
      const state = await client.threads.getState(threadId);
      // A thread that nothing ran on has none, whatever the SDK's types say.
      const newest = state.checkpoint as { checkpoint_id?: string | null } | null;
      return { busy: thread.status === "busy", question, checkpoint: newest?.checkpoint_id ?? null };
    },
  };
}

function strandedOf(deps: ApiHostDeps, client: Client) {
  return {
    tickets: deps.tickets,
    starter: starterOver(client, deps.tickets),
    resumeNow: (threadId: string, decision: ApprovalDecision) =>
      resume(client, deps.tickets, { threadId, decision, looks: 1 }),
    standOf: (threadId: string) => standOf(client, threadId),
    log: deps.log,
  };
}

async function standOf(client: Client, threadId: string): Promise<ThreadState> {
  const thread = await client.threads.get(threadId).catch(() => null);
  if (thread === null) return "done";
  if (thread.status === "busy") return "busy";
  const { next, tasks } = await client.threads.getState(threadId);
  if (tasks.some((task) => task.interrupts.length > 0)) return "asking";
  return next.length > 0 ? "left" : "done";
}

/** The server gives every graph it loads a checkpointer in memory; ours stays. */
function pinCheckpointer({ graph, saver }: ApiHostDeps): void {
  Object.defineProperty(graph, "checkpointer", { configurable: true, get: () => saver, set: () => undefined });
}

async function start(client: Client, threadId: string, input: RunInput): Promise<void> {
  await client.threads.create({ threadId, graphId: GRAPH, ifExists: "do_nothing" });
  if (await isStarted(client, threadId, input)) return;
  await client.runs.create(threadId, GRAPH, { input: { ...input }, ...QUEUED });
}

/** Whether there is nothing to start: the thread had its first run; or, where a person wants another, one is under way. */
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

/** People see a question a moment before the run stops at it: how often, and how far apart, the run is looked at. */
const LOOKS = 100;
const LOOK_MS = 50;

/** Answers the one question that is open, by its id, so that an answer that arrives late reaches no other question. */
async function resume(
  client: Client,
  tickets: Pick<TicketBook, "get">,
  { threadId, decision, looks }: { threadId: string; decision: ApprovalDecision; looks: number },
): Promise<void> {
  const open = await openQuestion(client, threadId, looks);
  // Looked at after the question: the one that is open now may be the next one already.
  if (!isAnswerPending(await tickets.get(threadId), decision)) return;
  if (open === null) throw new SelfhealError("noQuestion", `no question is open on ${threadId}`);
  await client.runs.create(threadId, GRAPH, { command: { resume: { [open]: { decisions: [decision] } } }, ...QUEUED });
}

function openQuestion(client: Client, threadId: string, looks: number): Promise<string | null> {
  const look = async () => ({
    // In this order: a run that stops in between is then seen as busy, and looked at once more.
    busy: (await client.threads.get(threadId)).status === "busy",
    open: await openQuestions(client, threadId),
  });
  return questionOf(look, () => delay(LOOK_MS), looks);
}

/** The id of the question that is open, or that a run under way comes to within this many looks; null when there is none. */
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
  // The server would only empty a checkpointer of its own, which we do not use.
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
