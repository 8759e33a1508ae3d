import { interrupt } from "@langchain/langgraph";
import { z } from "zod";
import { ApprovalDecision, type ApprovalKind, type DecisionType } from "../domain/approval.ts";
import type { RunState, RunUpdate } from "../domain/runState.ts";

/** A question to a person, in LangChain's human-in-the-loop form. */
export interface Question {
  kind: ApprovalKind;
  description: string;
  /** Short facts. Never a secret, never raw Event text. */
  args: Record<string, string | number | string[]>;
  allowed: readonly DecisionType[];
}

/** The interrupt's payload in the form that LangChain's agent inbox and Studio read. */
export function payloadOf(question: Question) {
  return {
    actionRequests: [{ name: question.kind, args: question.args, description: question.description }],
    reviewConfigs: [{ actionName: question.kind, allowedDecisions: [...question.allowed] }],
  };
}

/**
 * A node that only asks: it reads, interrupts, and returns the answer as JSON text in `reply`. On resume it runs again
 * from its top.
 */
export function askOnly(
  kind: ApprovalKind,
  ask: (ticketId: string, kind: ApprovalKind) => Promise<Question>,
): (state: RunState) => Promise<RunUpdate> {
  return async (state) => {
    const reply: unknown = interrupt(payloadOf(await ask(state.ticketId, kind)));
    return { question: kind, reply: JSON.stringify(reply ?? null).slice(0, 400_000) };
  };
}

/** Names that other tools use for the same answers, mapped to ours. */
const SYNONYMS: Record<string, DecisionType> = { accept: "approve", ignore: "dismiss", response: "guide" };

const Loose = z.looseObject({
  type: z.string(),
  by: z.string().max(128).optional(),
  message: z.string().max(4000).optional(),
  patchDigest: z.string().optional(),
  diff: z.string().optional(),
  args: z.unknown().optional(),
  editedAction: z.looseObject({ args: z.looseObject({ diff: z.string().optional() }).optional() }).optional(),
});

/**
 * Reads an answer in four forms: the current `{decisions:[…]}`, the old inbox's `[{type,args}]`, a bare decision, or
 * the name of one. It fails closed: anything but exactly one allowed decision is null.
 *
 * @example
 * parseReply('{"decisions":[{"type":"accept"}]}', ["approve", "reject"]); // { type: "approve", … }
 * parseReply('"sure, go on"', ["approve", "reject"]); // null
 */
export function parseReply(reply: string, allowed: readonly DecisionType[]): ApprovalDecision | null {
  const single = onlyOne(fromJson(reply));
  const loose = Loose.safeParse(typeof single === "string" ? { type: single } : single);
  if (!loose.success) return null;
  const given = loose.data;
  const named = SYNONYMS[given.type] ?? given.type;
  const type = named === "reject" && !allowed.includes("reject") ? "dismiss" : named;
  const diff = given.diff ?? given.editedAction?.args?.diff;
  const message = given.message ?? (typeof given.args === "string" ? given.args : undefined);
  const parsed = ApprovalDecision.safeParse({
    type,
    ...(given.by !== undefined && { by: given.by }),
    ...(message !== undefined && { message }),
    ...(given.patchDigest !== undefined && { patchDigest: given.patchDigest }),
    ...(diff !== undefined && { diff }),
  });
  if (!parsed.success || !allowed.includes(parsed.data.type)) return null;
  return parsed.data.type === "edit" && parsed.data.diff === undefined ? null : parsed.data;
}

function fromJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    // Studio's text box sends a JSON string that may contain JSON.
    return typeof value === "string" && /^\s*[[{]/.test(value) ? JSON.parse(value) : value;
  } catch {
    return null;
  }
}

function onlyOne(value: unknown): unknown {
  const list = typeof value === "object" && value !== null && "decisions" in value ? value.decisions : value;
  if (!Array.isArray(list)) return list === value ? value : null;
  return list.length === 1 ? list[0] : null;
}
