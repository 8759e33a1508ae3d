import type { Ops } from "@langchain/langgraph-api/storage";
import type { Client } from "@langchain/langgraph-sdk";
import { messageOf } from "../domain/errors.ts";
import type { Log } from "../domain/ports/log.ts";
import type { RunInput } from "../domain/runState.ts";

export const GRAPH = "selfheal";

/** One run a thread at a time, the others wait; nothing is thrown away when nobody listens. */
export const QUEUED = { multitaskStrategy: "enqueue", durability: "sync" } as const;

/** A run that the last process left in the middle, as it was asked for. */
export interface InterruptedRun {
  runId: string;
  threadId: string;
  input: unknown;
  command: unknown;
}

interface RecoverDeps {
  /** Runs found in state `running` when the persistence was opened; nobody runs them any more. */
  left: readonly InterruptedRun[];
  /** Threads that say they are busy though no run is on them. */
  unsettled: readonly string[];
  log: Log;
}

/** Goes on with every run that the last process left in the middle. One that cannot go on holds up no other. */
export async function recoverRuns(client: Client, deps: RecoverDeps, threads: Ops["threads"]): Promise<number> {
  const settle = new Set(deps.unsettled);
  for (const run of deps.left) {
    try {
      if ((await goOn(client, deps, run)) === "none") settle.add(run.threadId);
    } catch (error) {
      deps.log.error("a run that was left could not go on", { thread: run.threadId, error: messageOf(error) });
    }
  }
  for (const threadId of settle) await settleThread(client, threads, threadId);
  return deps.left.length;
}

/** Says of a thread on which nothing runs any more where its checkpoint stands: at a question, or at its end. */
async function settleThread(client: Client, threads: Ops["threads"], threadId: string): Promise<void> {
  const { values, next, tasks } = await client.threads.getState(threadId);
  const checkpoint = { values, next, tasks } as unknown as NonNullable<StatusOptions["checkpoint"]>;
  await threads.setStatus(threadId, { checkpoint });
}

type StatusOptions = Parameters<Ops["threads"]["setStatus"]>[1];

async function goOn(client: Client, deps: RecoverDeps, run: InterruptedRun): Promise<ReturnType<typeof wayOn>> {
  const state = await client.threads.getState(run.threadId);
  const open = state.tasks.flatMap((task) => task.interrupts.flatMap((i) => i.id ?? []));
  const what = wayOn(run, { started: Object.keys(state.values).length > 0, tasks: state.tasks.length, open });
  deps.log.info("a run was left in the middle", { thread: run.threadId, way: what });
  if (what === "none") return what;
  const command = what === "again" ? commandOf(run) : {};
  const input = what === "again" && command.command === undefined ? (run.input as RunInput) : null;
  await client.runs.create(run.threadId, GRAPH, { input, ...command, ...QUEUED });
  return what;
}

/**
 * What to do with a run that was left: `again` as it was asked for, when nothing of it was written; `on` from its
 * checkpoint; `none` when it had come to its end or to a question. Entering deploy, canary or verify again is harmless: their
 * nodes read the journal first. `tasks` and not `next`: a node whose result is written, and whose checkpoint is not, is in
 * the former only.
 */
export function wayOn(
  run: Pick<InterruptedRun, "input" | "command">,
  state: { started: boolean; tasks: number; open: readonly string[] },
): "again" | "on" | "none" {
  const resume = commandOf(run).command?.resume;
  if (resume !== undefined) {
    const answers = typeof resume === "object" && resume !== null ? Object.keys(resume) : [];
    if (answers.some((id) => state.open.includes(id))) return "again";
  } else if (!state.started) return "again";
  if (state.tasks > 0 && state.open.length === 0) return "on";
  const entry = (run.input as { entry?: string } | null)?.entry;
  const isWakeUp = entry === "deploy" || entry === "canary" || entry === "verify";
  return state.open.length === 0 && isWakeUp ? "again" : "none";
}

function commandOf(run: Pick<InterruptedRun, "command">): { command?: { resume: unknown } } {
  const command = run.command as { resume?: unknown } | null | undefined;
  return command?.resume === undefined ? {} : { command: { resume: command.resume } };
}
