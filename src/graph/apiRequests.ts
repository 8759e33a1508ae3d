import { HTTPException } from "hono/http-exception";
import type { ApprovalDecision } from "../domain/approval.ts";
import type { AnswerResult, Refusal } from "../domain/decisionResult.ts";
import { notOpen } from "../domain/decisionResult.ts";
import type { TicketBook } from "../domain/ports/ticketBook.ts";
import type { Ticket } from "../domain/ticket.ts";
import { parseReply } from "./approval.ts";
import { ALLOWED } from "./nodes/applyDecision.ts";

/** A run that a client requests, as the LangGraph API is about to store it. */
export interface AskedRun {
  threadId: string | undefined;
  input?: unknown;
  command?: { resume?: unknown; goto?: unknown; update?: unknown } | null | undefined;
  /** `configurable` of the run's config. It may name the checkpoint to start from. */
  configurable?: Record<string, unknown> | undefined;
  /** Whether this run would interrupt the current run of the thread. */
  cutsOff: boolean;
}

/** The state of a thread, as far as the rules need it. */
export interface ThreadView {
  busy: boolean;
  /** The id of the open interrupt. */
  question: string | null;
  /** The id of the newest checkpoint. */
  checkpoint: string | null;
}

/** The authenticated author of a request to the LangGraph API. */
export interface ApiCaller {
  /** The name for the audit log. */
  name: string;
  /** Whether the caller may do more than answer questions: start runs, and give them settings. */
  administers: boolean;
}

/** What `admit` needs. */
export interface ApiRequestDeps {
  /** The author of the current request. */
  caller: () => ApiCaller;
  tickets: Pick<TicketBook, "get">;
  /** Reads the state of a thread. With `waits`, it also waits for a question that a running run is about to reach. */
  look(threadId: string, waits: boolean): Promise<ThreadView>;
  /** Claims the ticket's question for this answer, then delivers it. Every channel for answers uses this one claim. */
  answer(ticketId: string, decision: ApprovalDecision, deliver: () => Promise<void>): Promise<AnswerResult>;
}

/**
 * Decides what a client may do on a ticket's thread: answer its open question, or start it when no question is open. An
 * answer is bound to the question that is open when it arrives, so it never reaches a later one. Of two answers, one
 * wins; the other gets 409. `put` stores the run; its argument `resume` replaces the resume value of the request.
 * Throws HTTPException 409, 422 or 502.
 */
export async function admit<T>(
  deps: ApiRequestDeps,
  run: AskedRun,
  put: (resume?: Record<string, unknown>) => Promise<T>,
): Promise<T> {
  const ticket = run.threadId === undefined ? null : await deps.tickets.get(run.threadId);
  const answers = run.command?.resume !== undefined && run.command.resume !== null;
  if (!answers && !deps.caller().administers)
    throw refusal(403, { code: "forbidden", message: "An approver answers questions here. An admin starts runs." });
  if (ticket === null) {
    if (answers)
      throw refusal(409, { code: "notAsked", message: "This thread is no ticket's: nobody is asked on it." });
    return put();
  }
  const view = await deps.look(ticket.id, answers);
  refuseForks(run, view);
  if (answers) return answer(deps, { run, ticket, question: view.question }, put);
  if (view.question !== null)
    throw refusal(409, { code: "questionOpen", message: "A question is open on this ticket: answer it first." });
  return put();
}

/** A run from an old checkpoint, or one that skips the gate, would change the ticket on outdated facts. */
function refuseForks(run: AskedRun, view: ThreadView): void {
  const { configurable, command } = run;
  const from = configurable?.checkpoint_id;
  if (from !== undefined && from !== null && from !== view.checkpoint)
    throw refusal(409, {
      code: "oldCheckpoint",
      message: "Runs of a ticket go on from its newest checkpoint. To try another way, use langgraphjs dev.",
    });
  // The API would store the checkpoint on the thread and start every later run from it.
  for (const key of ["checkpoint_id", "checkpoint_ns", "checkpoint_map"]) delete configurable?.[key];
  if (command?.goto !== undefined || command?.update !== undefined)
    throw refusal(409, { code: "stateWrite", message: "The state of a ticket's run is not written from outside." });
  if (run.cutsOff && view.busy)
    throw refusal(409, { code: "busy", message: "A run is under way: wait for it, or cancel it and be asked." });
}

async function answer<T>(
  deps: ApiRequestDeps,
  { run, ticket, question }: { run: AskedRun; ticket: Ticket; question: string | null },
  put: (resume: Record<string, unknown>) => Promise<T>,
): Promise<T> {
  if (question === null) throw refusal(409, notOpen(ticket));
  const decision = readDecision(run.command?.resume, question, ticket, deps.caller().name);
  let stored: { value: T } | undefined;
  const result = await deps.answer(ticket.id, decision, async () => {
    stored = { value: await put({ [question]: { decisions: [decision] } }) };
  });
  if (result.kind === "first") throw refusal(409, { code: "secondApprover", message: result.needs });
  if (result.kind === "refused") throw refusal(409, result.refusal);
  if (result.kind === "undelivered" || stored === undefined)
    throw refusal(502, {
      code: "undelivered",
      message: "The answer did not reach the run; the question is open again.",
    });
  return stored.value;
}

/**
 * The same answer, bound to the Patch of the open question and to who gives it. Throws 409 when no question is open, and
 * 422 for an answer that cannot be read.
 */
export function bindAnswer(resume: unknown, ticket: Ticket, by: string): Record<string, unknown> {
  const [question] = isByQuestion(resume) ? Object.keys(resume) : [];
  const answer = { decisions: [readDecision(resume, question ?? "", ticket, by)] };
  return question === undefined ? answer : { [question]: answer };
}

/**
 * Reads the reply and binds it to the Patch of the open question. Throws 409 for another question, and 422 for a reply
 * that cannot be read.
 */
function readDecision(resume: unknown, question: string, ticket: Ticket, by: string): ApprovalDecision {
  const { approval } = ticket;
  const reply = isByQuestion(resume) ? resume[question] : resume;
  if (reply === undefined)
    throw refusal(409, { code: "otherQuestion", message: "That question is not open any more; another one is." });
  // Another answer has claimed the question: this one is too late.
  if (approval === null) throw refusal(409, notOpen(ticket));
  const decision = parseReply(JSON.stringify(reply) ?? "null", ALLOWED[approval.kind]);
  if (decision === null)
    throw refusal(422, {
      code: "unreadable",
      message: `That is no answer to this question, which stays open. Possible: ${approval.allowed.join(", ")}.`,
    });
  const { patchDigest: named, ...rest } = { ...decision, by };
  if (approval.kind !== "approveDeploy") return rest;
  return { ...rest, patchDigest: named ?? approval.patchDigest ?? "" };
}

/** LangGraph's form with one answer per question: `{<interrupt id>: answer}`. */
function isByQuestion(resume: unknown): resume is Record<string, unknown> {
  if (typeof resume !== "object" || resume === null || Array.isArray(resume)) return false;
  const keys = Object.keys(resume);
  return keys.length > 0 && keys.every((key) => /^[0-9a-f]{32}$/.test(key));
}

/** An HTTP error in the only error shape of this server, `{error: {code, message}}`. */
export function refusal(
  status: 403 | 404 | 409 | 422 | 502,
  { code, message }: { code: Refusal["code"] | string; message: string },
): HTTPException {
  const body = JSON.stringify({ error: { code, message } });
  return new HTTPException(status, {
    message,
    res: new Response(body, { status, headers: { "content-type": "application/json" } }),
  });
}
