import { allSettledOrThrow } from "../../domain/allSettledOrThrow.ts";
import { SelfhealError } from "../../domain/errors.ts";
import type { Evidence, Finding, Review } from "../../domain/evidence.ts";
import type { Patch } from "../../domain/patch.ts";
import type { Workspace } from "../../domain/ports/workspace.ts";
import type { AgentNode } from "../../domain/runState.ts";
import type { Policy } from "../../domain/service.ts";
import type { Ticket } from "../../domain/ticket.ts";
import { judgeFindings } from "../../policy/judgeFindings.ts";
import { newCapabilities } from "../../policy/newCapabilities.ts";
import { bestSample } from "../../tickets/bestSample.ts";
import { changeTicket, updateWhile } from "../../tickets/change.ts";
import { regressionTestOf } from "../../tickets/regressionTestOf.ts";
import { requirePatch, requireService, requireTicket } from "../../tickets/requireTicket.ts";
import type { AgentDeps } from "../deps.ts";
import { admissionOf } from "./admission.ts";
import type { ReviewerBrain } from "./contract.ts";

type Deps = Pick<
  AgentDeps,
  "tickets" | "issues" | "blobs" | "audit" | "clock" | "workspaces" | "services" | "policyOf"
> & {
  brain: ReviewerBrain;
  /** The diff policy: a pure function, applied before any model reviews. */
  reviewDiff: (diff: string, options: { allowedFiles: readonly string[]; policy: Policy }) => Finding[];
};

/** Diff → Review. Sees diff, evidence and policy; never the Event's text nor the coder's reasons. */
export function createSecurityReviewer(deps: Deps): AgentNode {
  return async (state, signal) => {
    const ticket = await requireTicket(deps.tickets, state.ticketId);
    const { evidence } = ticket;
    if (evidence === null) return { cause: "the patch was not tested" };
    const { review, tokens, patch } = await updateWhile(deps, ticket.id, { state: "reviewing" }, async () => {
      const written = await requirePatch(deps.blobs, ticket);
      return reviewOf(deps, { ticket, ...written, evidence, signal });
    });
    const facts = {
      patch: patch.digest,
      base: patch.baseCommit,
      grade: evidence.grade,
      by: review.by,
      findings: review.findings.map(({ weight, rule }) => `${weight} ${rule}`),
      unavailable: review.unavailable,
      admitted: review.admission?.entries ?? [],
      notAdmitted: review.admission?.findings.map(({ rule }) => rule) ?? [],
    };
    await allSettledOrThrow(
      changeTicket(deps, ticket.id, (t) => ({ review, tokens: t.tokens + tokens })),
      deps.audit.append({ kind: "patch.reviewed", actor: deps.brain.name, ticketId: ticket.id, facts }),
    );
    return {};
  };
}

interface Reviewed {
  ticket: Ticket;
  patch: Patch;
  diff: string;
  evidence: Evidence;
  signal: AbortSignal;
}

async function reviewOf(deps: Deps, { ticket, patch, diff, evidence, signal }: Reviewed) {
  const service = requireService(deps.services, ticket);
  const policyFindings = deps.reviewDiff(diff, {
    allowedFiles: ticket.plan?.files ?? [],
    policy: await deps.policyOf(service, ticket),
  });
  const workspace = await deps.workspaces.open(service, ticket.id, patch.baseCommit);
  const before = await contents(workspace, patch.files);
  const event = await bestSample(deps.issues, ticket);
  const own = await regressionTestOf(deps.blobs, ticket.reproduction);
  const applied = await workspace.apply(diff);
  if (applied.kind === "conflict") throw new SelfhealError("conflict", `the patch does not apply: ${applied.reason}`);
  const after = await contents(workspace, patch.files);
  const files = patch.files.map((path) => ({ path, before: before.known(path), after: after.known(path) }));
  const message = event === null ? "" : [event.exception, ...event.causes].map(({ value }) => value).join("\n");
  const admission = await admissionOf({ workspace, files, message, plan: ticket.plan, own });
  const seen = await deps.brain.review({ diff, before: before.texts, after: after.texts, evidence, signal });
  const unreadable = [...new Set([...before.unreadable, ...after.unreadable])];
  const review: Review = {
    patchDigest: patch.digest,
    by: ["diffPolicy", deps.brain.name],
    findings: [
      ...policyFindings,
      ...judgeFindings(evidence),
      ...newCapabilities(files.filter(({ path }) => path !== own?.path)),
      ...seen.findings,
    ],
    unavailable: [...seen.unavailable, ...unreadable.map((file) => `unreadable:${file}`)],
    admission,
  };
  return { review, tokens: seen.tokens, patch };
}

interface Contents {
  /** By path; "" for files that do not exist. */
  texts: Map<string, string>;
  /** Binary files, symlinks and files that are too large: they were not looked into, so the review is not complete. */
  unreadable: string[];
  /** The text of a file; null: it does not exist. */
  known(path: string): string | null;
}

async function contents(workspace: Workspace, files: readonly string[]): Promise<Contents> {
  const absent = new Set<string>();
  const texts = new Map<string, string>();
  const found: Contents = {
    texts,
    unreadable: [],
    known: (path) => (absent.has(path) ? null : (texts.get(path) ?? null)),
  };
  for (const file of files) {
    found.texts.set(file, "");
    try {
      found.texts.set(file, await workspace.read(file));
    } catch (error) {
      if (!(error instanceof SelfhealError)) throw error;
      if (error.code === "fileNotFound") absent.add(file);
      else found.unreadable.push(file);
    }
  }
  return found;
}
