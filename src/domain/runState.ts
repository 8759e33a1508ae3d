import { z } from "zod";
import { Grade } from "./evidence.ts";
import type { TicketClaim } from "./lease.ts";
import { TicketState, Verdict } from "./ticket.ts";

/**
 * Where a Run enters the graph: with a new Batch, with a ticket to work on, at a stored wake-up, or to escalate because
 * it cannot continue without a person.
 */
export const Entry = z.enum(["batch", "ticket", "deploy", "canary", "verify", "escalate"]);
export type Entry = z.infer<typeof Entry>;

/**
 * The complete state of a Run: ids, enums and short facts. Event text, diffs and logs stay in the stores, because
 * LangChain revives objects of its serialized shape when a Checkpoint is loaded, or fails on them.
 */
export const RunState = z.object({
  entry: Entry.default("batch"),
  batchId: z.string().default(""),
  ticketId: z.string().default(""),
  /**
   * The person who started the Run; "" if selfheal did. The person's request overrides the checks that would skip the
   * work.
   */
  startedBy: z.string().max(128).default(""),
  /** The tickets of this Batch that run on Threads of their own. */
  siblings: z.array(z.string()).default([]),
  attempt: z.number().int().default(0),
  /** The planner's decision. routes() reads this field and never a text. */
  planAction: z.enum(["none", "fix", "abstain"]).default("none"),
  /** The result of the last coder pass. */
  coding: z.enum(["none", "patch", "abstained"]).default("none"),
  patchDigest: z.string().default(""),
  baseCommit: z.string().default(""),
  grade: Grade.default("none"),
  /** The tester's verdict on the Attempt. */
  testing: z.enum(["none", "good", "bad", "infrastructure"]).default("none"),
  /**
   * The gate's verdict, or: `approved` when a person already approved exactly this Patch; `propose` at level assist;
   * `closed` when the ticket was already closed; `later` while the kill switch is on.
   */
  verdict: z.union([Verdict, z.enum(["none", "approved", "propose", "closed", "later"])]).default("none"),
  /** The answer to the open question as unparsed JSON text. Only the answer node reads it. */
  reply: z.string().max(400_000).default(""),
  /** The question that is open, or that was answered last. */
  question: z.enum(["none", "approvePlan", "approveDeploy", "escalate"]).default("none"),
  /** The type of the last answer. The ticket book stores its message. */
  decision: z.enum(["none", "unreadable", "approve", "edit", "reject", "guide", "takeOver", "dismiss"]).default("none"),
  /**
   * The state of the deployment. moved: the base changed under the Patch, so the Patch is ported and tested again.
   * lowered: the Patch may not be deployed automatically any more, so the gate decides again. canary: the Patch is live
   * for a part of the traffic and is watched. held: the canary stayed inconclusive, and a person is asked.
   */
  deploying: z
    .enum(["none", "live", "failed", "busy", "moved", "lowered", "unknown", "canary", "held"])
    .default("none"),
  /**
   * The state of the verification. unknown: another deployment of the service was interrupted, and which commit is live
   * cannot be determined.
   */
  verifying: z.enum(["none", "soaking", "held", "recurred", "unknown"]).default("none"),
  /** Why a person is needed. Every node that routes to escalate sets it. */
  cause: z.string().max(2000).default(""),
  /** The node whose error led to escalate; "" if no error did. */
  failed: z.string().default(""),
  /** The ticket's state when the Run last stopped. */
  outcome: z.union([TicketState, z.literal("none")]).default("none"),
});
export type RunState = z.infer<typeof RunState>;
export type RunUpdate = Partial<RunState>;

/** The input of a Run. */
export type RunInput =
  | { entry: "batch"; batchId: string }
  | { entry: "deploy" | "canary" | "verify"; ticketId: string }
  /** `startedBy`: the person who requested the work, on a Thread that may have run before. */
  | { entry: "ticket"; ticketId: string; startedBy?: string }
  | { entry: "escalate"; ticketId: string; cause: string };

/** What a node knows about its Run. */
export interface RunContext {
  /** The Thread of the Run. */
  thread: string;
  /** The ticket's lease, if the node holds one. A node renews it before an effect that two nodes must never both do. */
  claim?: TicketClaim;
}

/**
 * One step of a Run. It reads ids from the state and everything else from the stores, and returns only the fields that
 * change.
 * @example
 * const node: AgentNode = async ({ ticketId }, signal) => {
 *   const plan = await makePlan(await tickets.get(ticketId), signal);
 *   return { planAction: plan.action };
 * };
 */
export type AgentNode = (state: RunState, signal: AbortSignal, run?: RunContext) => Promise<RunUpdate>;
