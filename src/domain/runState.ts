import { z } from "zod";
import { Grade } from "./evidence.ts";
import type { TicketClaim } from "./lease.ts";
import { TicketState, Verdict } from "./ticket.ts";

/** Where a run enters the graph: a new batch, a ticket to work on, a stored wake-up, or a run that cannot go on by itself. */
export const Entry = z.enum(["batch", "ticket", "deploy", "canary", "verify", "escalate"]);
export type Entry = z.infer<typeof Entry>;

/**
 * The whole state of a run: ids, enums and short facts. Event text, diffs and logs stay in the stores
 * (an object of LangChain's serialised shape in checkpointed state would be revived on load, or break it).
 */
export const RunState = z.object({
  entry: Entry.default("batch"),
  batchId: z.string().default(""),
  ticketId: z.string().default(""),
  /** The person who started it by hand, whose word goes over what is looked at before work; "" for selfheal itself. */
  startedBy: z.string().max(128).default(""),
  /** The tickets of this batch that run on threads of their own. */
  siblings: z.array(z.string()).default([]),
  attempt: z.number().int().default(0),
  /** What the planner decided: routes() reads this, never a text. */
  planAction: z.enum(["none", "fix", "abstain"]).default("none"),
  /** What the last coder round gave. */
  coding: z.enum(["none", "patch", "abstained"]).default("none"),
  patchDigest: z.string().default(""),
  baseCommit: z.string().default(""),
  grade: Grade.default("none"),
  /** What the tester makes of the attempt. */
  testing: z.enum(["none", "good", "bad", "infrastructure"]).default("none"),
  /** The gate's verdict; `approved` when a person already said yes to exactly this patch, `propose` in assist mode;
   * `closed` when the ticket had come to its end before; `later` while the kill switch is on. */
  verdict: z.union([Verdict, z.enum(["none", "approved", "propose", "closed", "later"])]).default("none"),
  /** The open question's answer as JSON text, as it came; read by the answer node only. */
  reply: z.string().max(400_000).default(""),
  /** Which question is open or was answered last. */
  question: z.enum(["none", "approvePlan", "approveDeploy", "escalate"]).default("none"),
  /** What people answered last, by type; the message is in the ticket book. */
  decision: z.enum(["none", "unreadable", "approve", "edit", "reject", "guide", "takeOver", "dismiss"]).default("none"),
  /** What became of the deployment. moved: the base changed under the patch, so it is ported and tested again. lowered: it
   * may not go by itself any more, so the gate decides again. canary: it is live for a part of the traffic, and watched.
   * held: the canary told too little, and a person is asked. */
  deploying: z
    .enum(["none", "live", "failed", "busy", "moved", "lowered", "unknown", "canary", "held"])
    .default("none"),
  /** unknown: another deployment of the service was left in the middle, and nobody can tell what is live. */
  verifying: z.enum(["none", "soaking", "held", "recurred", "unknown"]).default("none"),
  /** Why a person is needed; set by whatever goes to escalate. */
  cause: z.string().max(2000).default(""),
  /** The node that threw, where that is what brought the run to escalate; "" where it is not. */
  failed: z.string().default(""),
  /** Where the ticket stood when the run last stopped. */
  outcome: z.union([TicketState, z.literal("none")]).default("none"),
});
export type RunState = z.infer<typeof RunState>;
export type RunUpdate = Partial<RunState>;

/** What a run is started with. */
export type RunInput =
  | { entry: "batch"; batchId: string }
  | { entry: "deploy" | "canary" | "verify"; ticketId: string }
  /** `startedBy`: a person who wants it worked on again, on a thread that may have run before. */
  | { entry: "ticket"; ticketId: string; startedBy?: string }
  | { entry: "escalate"; ticketId: string; cause: string };

/** What a node knows of the run around it. */
export interface RunContext {
  /** The thread that the run is on. */
  thread: string;
  /** The ticket's lease, where the node works under one. An effect that must not be done by two renews it first. */
  claim?: TicketClaim;
}

/** One step of a run. Reads ids from the state and everything else from the stores; returns only what changes. */
export type AgentNode = (state: RunState, signal: AbortSignal, run?: RunContext) => Promise<RunUpdate>;
