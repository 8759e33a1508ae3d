import { SelfhealError } from "../../domain/errors.ts";
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
      policy: await deps.policyOf(service, ticket),
    });
    const workspace = await deps.workspaces.open(service, ticket.id, patch.baseCommit);
    const before = await contents(workspace, patch.files);
    const applied = await workspace.apply(diff);
    if (applied.kind === "conflict") throw new SelfhealError("conflict", `the patch does not apply: ${applied.reason}`);
    const after = await contents(workspace, patch.files);
    if (ticket.evidence === null) return { cause: "the patch was not tested" };
    const { evidence } = ticket;
    const seen = await deps.brain.review({ diff, before: before.texts, after: after.texts, evidence, signal });
    const unreadable = [...new Set([...before.unreadable, ...after.unreadable])];
    const review: Review = {
      patchDigest: patch.digest,
      by: ["diffPolicy", deps.brain.name],
      findings: [...policyFindings, ...seen.findings],
      unavailable: [...seen.unavailable, ...unreadable.map((file) => `unreadable:${file}`)],
    };
    await changeTicket(deps, ticket.id, (t) => ({ review, tokens: t.tokens + seen.tokens }));
    await deps.audit.append({
      kind: "patch.reviewed",
      actor: deps.brain.name,
      ticketId: ticket.id,
      facts: {
        patch: patch.digest,
        base: patch.baseCommit,
        grade: evidence.grade,
        by: review.by,
        findings: review.findings.map(({ weight, rule }) => `${weight} ${rule}`),
        unavailable: review.unavailable,
      },
    });
    return {};
  };
}

interface Contents {
  /** By path; "" for files that are not there. */
  texts: Map<string, string>;
  /** Binary, too large, or a symlink: nobody looked into these, so the review is not complete. */
  unreadable: string[];
}

async function contents(workspace: Workspace, files: readonly string[]): Promise<Contents> {
  const found: Contents = { texts: new Map(), unreadable: [] };
  for (const file of files) {
    found.texts.set(file, "");
    try {
      found.texts.set(file, await workspace.read(file));
    } catch (error) {
      if (!(error instanceof SelfhealError)) throw error;
      if (error.code !== "fileNotFound") found.unreadable.push(file);
    }
  }
  return found;
}
