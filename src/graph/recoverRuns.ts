import type { Ops } from "@langchain/langgraph-api/storage";
import type { Client } from "@langchain/langgraph-sdk";
import { messageOf } from "../domain/errors.ts";
import type { Log } from "../domain/ports/log.ts";
import type { RunInput } from "../domain/runState.ts";

/** The name of the graph in the LangGraph API. */
export const GRAPH = "selfheal";

/**
 * The options of every run: one run per thread at a time, the others wait in the queue and none is dropped. Every
 * checkpoint is written before the next step.
 */
export const QUEUED = { multitaskStrategy: "enqueue", durability: "sync" } as const;

/** A run that the previous process left in the middle, as it was requested. */
export interface InterruptedRun {
  runId: string;
  threadId: string;
  input: unknown;
  command: unknown;
}

interface RecoverDeps {
  /** Runs that were in state `running` when the persistence was opened. No process executes them any more. */
  left: readonly InterruptedRun[];
  /** Threads with status busy but without a run. */
  unsettled: readonly string[];
  log: Log;
}

/**
 * Continues every run that the previous process left in the middle. A run that cannot continue is logged and delays no
 * other. Returns the number of runs.
 */
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

/** Sets the status of a thread without a run from its checkpoint: interrupted at a question, or idle at its end. */
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
 * How to continue a run that was left:
 *
 * - `again`: as it was requested, because nothing of it was written.
 * - `on`: from its checkpoint.
 * - `none`: not at all, because it had reached its end or a question.
 *
 * Entering deploy, canary or verify again is harmless: their nodes read the journal first. The rule reads `tasks`, not
 * `next`: a node whose result is written but whose checkpoint is not is only in `tasks`.
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
