import { allSettledOrThrow } from "../../domain/allSettledOrThrow.ts";
import { type CapturedEvent, lowerTier, type TrustTier } from "../../domain/event.ts";
import { atLeast, type Evidence, type Finding } from "../../domain/evidence.ts";
import type { Patch } from "../../domain/patch.ts";
import type { Workspace } from "../../domain/ports/workspace.ts";
import type { RegressionTest } from "../../domain/reproduction.ts";
import type { AgentNode, RunState, RunUpdate } from "../../domain/runState.ts";
import type { Ticket } from "../../domain/ticket.ts";
import { bestSample } from "../../tickets/bestSample.ts";
import { changeTicket, updateWhile } from "../../tickets/change.ts";
import { regressionTestOf } from "../../tickets/regressionTestOf.ts";
import { requirePatch, requireService, requireTicket } from "../../tickets/requireTicket.ts";
import { findingsBeforeRun, inOneLine } from "../branch/findingsBeforeRun.ts";
import type { AgentDeps } from "../deps.ts";
import { evidenceFacts } from "./auditFacts.ts";
import { codeContextOf } from "./codeContext.ts";
import type { EvidenceGatherer } from "./contract.ts";

type Deps = Pick<AgentDeps, "tickets" | "issues" | "blobs" | "audit" | "clock" | "workspaces" | "services"> & {
  gatherer: EvidenceGatherer;
};

/** Patch → Evidence: what was observed on the base and on the Patch. The coder's claims do not count here. */
export function createTester(deps: Deps): AgentNode {
  return async (state, signal) => {
    const ticket = await requireTicket(deps.tickets, state.ticketId);
    return updateWhile(deps, ticket.id, { state: "testing" }, () => test(deps, { ticket, state, signal }));
  };
}

async function test(
  deps: Deps,
  { ticket, state, signal }: { ticket: Ticket; state: RunState; signal: AbortSignal },
): Promise<RunUpdate> {
  const { patch, diff } = await requirePatch(deps.blobs, ticket);
  const event = await bestSample(deps.issues, ticket);
  if (event === null) return { testing: "infrastructure", cause: "no event of this ticket is kept" };
  const workspace = await deps.workspaces.open(requireService(deps.services, ticket), ticket.id, patch.baseCommit);
  const surroundings = await codeContextOf(workspace, { plan: ticket.plan, patch, diff });
  const own = await regressionTestOf(deps.blobs, ticket.reproduction);
  const unrun = patch.by.startsWith("person:") ? [] : await notToRun(workspace, diff, own);
  if (unrun.length > 0) return refuseToRun(deps, { ticket, patch, findings: unrun });
  const gathered = await deps.gatherer.gather({ workspace, event, diff, patchDigest: patch.digest, own, signal });
  const evidence: Evidence = { ...gathered, trustTier: tierOf(event, own === null ? null : ticket.reproduction) };
  const testing = judge(evidence);
  await allSettledOrThrow(
    changeTicket(deps, ticket.id, (t) => ({
      evidence,
      surroundings,
      attempts: t.attempts.map((a, i) =>
        i === t.attempts.length - 1 ? { ...a, grade: evidence.grade, outcome: inWords(evidence) } : a,
      ),
    })),
    deps.audit.append({
      kind: "patch.tested",
      actor: "system",
      ticketId: ticket.id,
      facts: { patch: patch.digest, event: event.id, testing, ...evidenceFacts(evidence) },
    }),
  );
  return { testing, grade: evidence.grade, ...(testing !== "good" && { cause: causeOf(evidence, state) }) };
}

/** What in the diff forbids to run it. Leaves the workspace at the base. */
async function notToRun(workspace: Workspace, diff: string, own: RegressionTest | null): Promise<Finding[]> {
  const applied = await workspace.apply(diff);
  if (applied.kind === "conflict") return [];
  const rendered =
    own !== null && own.by === undefined && (await workspace.read(own.path).catch(() => "")) === own.content;
  const found = await findingsBeforeRun(workspace, diff, rendered ? own.path : undefined);
  await workspace.reset();
  return found;
}

/** A Patch that must not be run has no Evidence; the coder learns why. */
async function refuseToRun(
  deps: Deps,
  { ticket, patch, findings }: { ticket: Ticket; patch: Patch; findings: readonly Finding[] },
): Promise<RunUpdate> {
  const outcome = `not run: ${inOneLine(findings)}`;
  await allSettledOrThrow(
    changeTicket(deps, ticket.id, (t) => ({
      evidence: null,
      attempts: t.attempts.map((a, i) => (i === t.attempts.length - 1 ? { ...a, grade: "none" as const, outcome } : a)),
    })),
    deps.audit.append({
      kind: "patch.tested",
      actor: "system",
      ticketId: ticket.id,
      facts: { patch: patch.digest, testing: "notRun", rules: findings.map(({ rule }) => rule) },
    }),
  );
  return { testing: "bad", grade: "none", cause: outcome.slice(0, 500) };
}

/** The lowest tier of the Events that the proof used: the one it was tried with, and the one the test was written from. */
function tierOf(event: CapturedEvent, reproduction: Ticket["reproduction"]): TrustTier {
  return reproduction == null ? event.trustTier : lowerTier(event.trustTier, reproduction.trustTier ?? "T0");
}

/**
 * good: no observation speaks against the Patch (the gate weighs how much speaks for it). bad: the exception is still
 * there, or something broke. infrastructure: nothing was learned.
 */
export function judge(evidence: Evidence): "good" | "bad" | "infrastructure" {
  if (evidence.infrastructure !== null) return "infrastructure";
  if (!atLeast(evidence.grade, "E0")) return "bad";
  const stillRed = evidence.reproductionPatch !== null && !passed(evidence.reproductionPatch.end);
  const broke = evidence.shortfalls.includes("suiteFails") || brokeByExit(evidence);
  return stillRed || broke ? "bad" : "good";
}

/** For Evidence that was gathered before tests were compared by name. */
function brokeByExit({ suiteBase, suitePatch }: Evidence): boolean {
  return suiteBase !== null && suitePatch !== null && passed(suiteBase.end) && !passed(suitePatch.end);
}

function passed(end: { kind: string; code?: number }): boolean {
  return end.kind === "exit" && end.code === 0;
}

/** What the Evidence shows in short, for the coder's next Attempt and for people. */
export function inWords(evidence: Evidence): string {
  const { headline, tail } = wordsFor(evidence);
  return tail === "" ? headline : `${headline}:\n${tail.slice(-1500)}`;
}

/** What was observed, as a headline. Separately the command's output, which may contain text of the Event. */
function wordsFor(evidence: Evidence): { headline: string; tail: string } {
  const only = (headline: string) => ({ headline, tail: "" });
  if (evidence.infrastructure !== null) return only(`nothing was learned: ${evidence.infrastructure}`);
  const still = evidence.reproductionPatch;
  if (still !== null && !passed(still.end)) return { headline: "the reproduction still fails", tail: still.tail };
  const suite = evidence.suitePatch;
  if (judge(evidence) === "bad" && suite !== null) return { headline: "the test suite fails", tail: suite.tail };
  if (judge(evidence) === "bad") return only(`the patch does not hold: ${evidence.shortfalls.join(", ")}`);
  const short = evidence.shortfalls.length > 0 ? `, short of: ${evidence.shortfalls.join(", ")}` : "";
  return only(`${evidence.grade}${short}`);
}

/** The cause is kept in the run's state, so it contains no output: that is on the ticket's last Attempt. */
function causeOf(evidence: Evidence, state: RunState): string {
  const rounds = state.attempt === 1 ? "1 attempt" : `${state.attempt} attempts`;
  return `after ${rounds}: ${wordsFor(evidence).headline}`.slice(0, 2000);
}
