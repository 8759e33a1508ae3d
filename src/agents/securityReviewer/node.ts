import { messageOf } from "../../domain/errors.ts";
import type { Finding, Review } from "../../domain/evidence.ts";
import type { Workspace } from "../../domain/ports.ts";
import type { AgentNode } from "../../domain/runState.ts";
import type { Policy } from "../../domain/service.ts";
import { type AgentDeps, changeTicket } from "../deps.ts";
import { patchOf, serviceOf, ticketOf } from "../ticketOf.ts";
import type { ReviewerBrain } from "./schema.ts";

type Deps = Pick<AgentDeps, "tickets" | "blobs" | "audit" | "clock" | "workspaces" | "services" | "policyOf"> & {
  brain: ReviewerBrain;
  /** The diff policy: pure, before any model looks. */
  reviewDiff: (diff: string, options: { allowedFiles: readonly string[]; policy: Policy }) => Finding[];
};

/** Diff → Review. Sees diff, evidence and policy; never the event's text nor the coder's reasons. */
export function createSecurityReviewer(deps: Deps): AgentNode {
  return async (state, signal) => {
    const ticket = await ticketOf(deps.tickets, state.ticketId);
    const { patch, diff } = await patchOf(deps.blobs, ticket);
    const service = serviceOf(deps.services, ticket);
    await changeTicket(deps, ticket.id, () => ({ state: "reviewing" }));
    const policyFindings = deps.reviewDiff(diff, {
      allowedFiles: ticket.plan?.files ?? [],
      policy: deps.policyOf(service),
    });
    const workspace = await deps.workspaces.open(service, ticket.id, patch.baseCommit);
    const before = await contents(workspace, patch.files);
    await workspace.apply(diff);
    const after = await contents(workspace, patch.files);
    if (ticket.evidence === null) return { cause: "the patch was not tested" };
    const seen = await deps.brain.review({ diff, before, after, evidence: ticket.evidence, signal });
    const review: Review = {
      patchDigest: patch.digest,
      by: ["diffPolicy", deps.brain.name],
      findings: [...policyFindings, ...seen.findings],
      unavailable: seen.unavailable,
    };
    await changeTicket(deps, ticket.id, (t) => ({ review, tokens: t.tokens + seen.tokens }));
    await deps.audit.append({
      kind: "patch.reviewed",
      actor: deps.brain.name,
      ticketId: ticket.id,
      facts: { patch: patch.digest, findings: review.findings.map((f) => f.rule), unavailable: review.unavailable },
    });
    return {};
  };
}

/** Contents of the files as they are in the tree; "" for those that are not there or must not be read. */
async function contents(workspace: Workspace, files: readonly string[]): Promise<Map<string, string>> {
  const texts = new Map<string, string>();
  for (const file of files) {
    try {
      texts.set(file, await workspace.read(file));
    } catch (error) {
      texts.set(file, isMissing(error) ? "" : `unreadable: ${messageOf(error)}`);
    }
  }
  return texts;
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && /ENOENT|no such file|not found/i.test(messageOf(error));
}
