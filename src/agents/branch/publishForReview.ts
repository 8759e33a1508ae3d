import { SelfhealError } from "../../domain/errors.ts";
import type { Patch, PreparedPatch } from "../../domain/patch.ts";
import type { BlobStore } from "../../domain/ports/blobStore.ts";
import type { Service } from "../../domain/service.ts";
import type { Ticket } from "../../domain/ticket.ts";
import { changeTicket } from "../../tickets/change.ts";
import { requirePatch } from "../../tickets/requireTicket.ts";
import type { AgentDeps } from "../deps.ts";
import { publishBranch } from "./publishBranch.ts";

export type PrepareDeps = Pick<AgentDeps, "tickets" | "blobs" | "audit" | "clock" | "workspaces"> & {
  /** The commit message of the ticket's Patch. */
  commitMessage: (ticket: Ticket) => string | Promise<string>;
};

/**
 * Publishes the ticket's Patch on a branch before a person is asked about it, so that the person reviews the very
 * commit that would be deployed. Once per Patch and base: a second call finds the same commit. Throws SelfhealError
 * `repository`, `conflict`, `patchConflict`.
 */
export async function prepareBranch(deps: PrepareDeps, ticket: Ticket, service: Service): Promise<PreparedPatch> {
  const { patch, diff } = await requirePatch(deps.blobs, ticket);
  const known = preparedFor(ticket, patch);
  if (known !== null) return known;
  const workspace = await deps.workspaces.open(service, ticket.id, patch.baseCommit);
  const applied = await workspace.apply(diff);
  if (applied.kind === "conflict")
    throw new SelfhealError("patchConflict", `the patch does not apply to its own base: ${applied.reason}`);
  const text = await deps.commitMessage(ticket);
  const message = await deps.blobs.put(text);
  const commit = await workspace.commit(text);
  const branch = await publishBranch(deps.workspaces, workspace, { commit, patchDigest: patch.digest });
  const prepared = { patchDigest: patch.digest, baseCommit: patch.baseCommit, branch, commit, message };
  await noteOnce(deps, ticket, prepared);
  await changeTicket(deps, ticket.id, () => ({ prepared }));
  return prepared;
}

/** The message of the commit that was prepared for the Patch; null: none was prepared. */
export async function preparedMessage(blobs: BlobStore, ticket: Ticket, patch: Patch): Promise<string | null> {
  const prepared = preparedFor(ticket, patch);
  return prepared === null ? null : blobs.get(prepared.message);
}

/** The branch that was prepared for exactly this Patch on this base; null: none. */
export function preparedFor({ prepared }: Ticket, patch: Patch): PreparedPatch | null {
  const same = prepared?.patchDigest === patch.digest && prepared.baseCommit === patch.baseCommit;
  return same ? prepared : null;
}

/** Audited before it is written to the ticket: a node that is cut off in between appends the entry once. */
async function noteOnce(deps: PrepareDeps, ticket: Ticket, prepared: PreparedPatch): Promise<void> {
  const { branch, commit, patchDigest: patch, baseCommit: base } = prepared;
  const entries = await deps.audit.list({ ticketId: ticket.id });
  if (entries.some(({ kind, facts }) => kind === "patch.published" && facts.commit === commit)) return;
  const facts = { branch, commit, patch, base };
  await deps.audit.append({ kind: "patch.published", actor: "system", ticketId: ticket.id, facts });
}
