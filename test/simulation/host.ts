import type { ApprovalDecision } from "../../src/domain/approval.ts";
import { SelfhealError } from "../../src/domain/errors.ts";
import type { RunStarter } from "../../src/domain/ports/runStarter.ts";
import type { RunInput } from "../../src/domain/runState.ts";
import type { Ticket } from "../../src/domain/ticket.ts";
import { wayOn } from "../../src/graph/recoverRuns.ts";
import { isAnswerPending } from "../../src/graph/redeliverAnswers.ts";
import type { Engine, Way } from "./engine.ts";

/** One run as the LangGraph API keeps it. */
export interface StoredRun {
  threadId: string;
  way: Way;
  state: "pending" | "running" | "success" | "error";
  /** A process left it in the middle, and nobody went on with it yet. */
  left: boolean;
  /** Why it is in `error`. */
  error: string;
}

export interface PretendedHost extends RunStarter {
  resumeNow(threadId: string, decision: ApprovalDecision): Promise<void>;
  /** An answer that goes straight to the run, as on `langgraphjs dev`: nobody claims the question first. */
  answerRun(threadId: string, decision: ApprovalDecision): Promise<void>;
  /** Takes up what the last process left, like the host of the LangGraph API. */
  recover(): Promise<void>;
  /** Starts what is pending. */
  work(): void;
  /** Whether any run is under way. */
  isRunning(): boolean;
  /** Whether a run of the thread is under way or queued. */
  isBusy(threadId: string): boolean;
}

export interface HostDeps {
  engine: Engine;
  ticketOf: (id: string) => Promise<Ticket | null>;
  /** What outlives the process, oldest first. */
  runs: StoredRun[];
  /** A durable write; see Write. */
  write: <T>(name: string, job: () => T) => Promise<T>;
  /** Lets some time go by. */
  wait: (ms: number) => Promise<void>;
  alive: () => boolean;
  onError: (threadId: string, error: unknown) => void;
}

const LOOK_MS = 50;
/** How often a run that is under way is looked at for its question. */
const LOOKS = 100;

/**
 * How src/graph/apiHost.ts behaves over the LangGraph API's queue: runs are stored before they are worked on, one a thread at
 * a time, and a run that was left in the middle is gone on with as `wayOn` (the real one) says.
 */
export function createPretendedHost(deps: HostDeps): PretendedHost {
  const { runs, engine, write } = deps;
  const busy = (threadId: string) =>
    runs.some((run) => run.threadId === threadId && (run.state === "running" || run.state === "pending"));

  const create = (threadId: string, way: Way) => {
    for (const run of runs) if (run.threadId === threadId) run.left = false;
    runs.push({ threadId, way, state: "pending", left: false, error: "" });
  };

  const work = () => {
    for (const run of runs) {
      if (run.state !== "pending") continue;
      if (runs.some((other) => other.threadId === run.threadId && other.state === "running")) continue;
      run.state = "running";
      void engine.run(run.threadId, run.way).then(
        () => finish(run, "success", ""),
        (error) => {
          deps.onError(run.threadId, error);
          finish(run, "error", String(error));
        },
      );
    }
  };

  const finish = (run: StoredRun, state: "success" | "error", error: string) => {
    if (!deps.alive()) return;
    Object.assign(run, { state, error });
    work();
  };

  const resume = async (
    threadId: string,
    decision: ApprovalDecision,
    { looks, claimed = true }: { looks: number; claimed?: boolean },
  ): Promise<void> => {
    for (let left = looks; left > 0; left -= 1) {
      const [open] = (await engine.look(threadId)).open;
      if (open !== undefined) {
        if (claimed && !isAnswerPending(await deps.ticketOf(threadId), decision)) return;
        const answers = { [open]: { decisions: [decision] } };
        await write("answer queued", () => create(threadId, { kind: "answer", answers }));
        return work();
      }
      if (!busy(threadId)) break;
      if (left > 1) await deps.wait(LOOK_MS);
    }
    throw new SelfhealError("noQuestion", `no question is open on ${threadId}`);
  };

  const goOn = async (run: StoredRun): Promise<void> => {
    const seen = await engine.look(run.threadId);
    const command = run.way.kind === "answer" ? { resume: run.way.answers } : null;
    const input = run.way.kind === "input" ? run.way.input : null;
    const what = wayOn({ input, command }, { started: seen.started, tasks: seen.next, open: seen.open });
    if (what === "none") return;
    const way: Way = what === "again" ? run.way : { kind: "on" };
    await write("left run queued", () => create(run.threadId, way));
    work();
  };

  return {
    async start(threadId: string, input: RunInput) {
      await write("run queued", () => {
        const first = input.entry === "batch" || input.entry === "ticket";
        if (first && runs.some((run) => run.threadId === threadId)) return;
        create(threadId, { kind: "input", input });
      });
      work();
    },
    resume: (threadId, decision) => resume(threadId, decision, { looks: LOOKS }),
    resumeNow: (threadId, decision) => resume(threadId, decision, { looks: 1 }),
    answerRun: (threadId, decision) => resume(threadId, decision, { looks: 1, claimed: false }),
    // The world has no headway watch around its nodes, so nothing asks for this.
    stop: async (threadId) => {
      throw new Error(`stop(${threadId}) was not scripted`);
    },
    async recover() {
      for (const run of runs.filter(({ left }) => left)) await goOn(run);
    },
    work,
    isRunning: () => runs.some(({ state }) => state === "running"),
    isBusy: busy,
  };
}

/** What a new process finds: nobody runs what was running any more. */
export function endLeftRuns(runs: readonly StoredRun[]): void {
  for (const run of runs) if (run.state === "running") Object.assign(run, { state: "error", left: true });
}
