import { SelfhealError } from "../../domain/errors.ts";
import type { Patch, PreparedPatch } from "../../domain/patch.ts";
import type { BlobStore } from "../../domain/ports/blobStore.ts";
import type { Service } from "../../domain/service.ts";
import type { Ticket } from "../../domain/ticket.ts";
import { changeTicket } from "../../tickets/change.ts";
import { patchOf } from "../../tickets/ticketOf.ts";
import type { AgentDeps } from "../deps.ts";
import { publishBranch } from "./publishBranch.ts";

export type PrepareDeps = Pick<AgentDeps, "tickets" | "blobs" | "audit" | "clock" | "workspaces"> & {
  /** The message of a fix's commit. */
  commitMessage: (ticket: Ticket) => string | Promise<string>;
};

/**
 * Puts the ticket's Patch on a branch before a person is asked about it: what they look at is the commit that would be
 * deployed. Once a Patch and base; doing it again finds the same commit. Throws SelfhealError `repository`, `conflict`.
 */
export async function prepareBranch(deps: PrepareDeps, ticket: Ticket, service: Service): Promise<PreparedPatch> {
  const { patch, diff } = await patchOf(deps.blobs, ticket);
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

/** The message under which the Patch was committed before it was asked about; null when it was not. */
export async function preparedMessage(blobs: BlobStore, ticket: Ticket, patch: Patch): Promise<string | null> {
  const prepared = preparedFor(ticket, patch);
  return prepared === null ? null : blobs.get(prepared.message);
}

/** The branch that holds exactly this Patch on this base. */
export function preparedFor({ prepared }: Ticket, patch: Patch): PreparedPatch | null {
  const same = prepared?.patchDigest === patch.digest && prepared.baseCommit === patch.baseCommit;
  return same ? prepared : null;
}

/** On record before it is on the ticket: a node that was cut off in between says it once. */
async function noteOnce(deps: PrepareDeps, ticket: Ticket, prepared: PreparedPatch): Promise<void> {
  const { branch, commit, patchDigest: patch, baseCommit: base } = prepared;
  const entries = await deps.audit.list({ ticketId: ticket.id });
  if (entries.some(({ kind, facts }) => kind === "patch.published" && facts.commit === commit)) return;
  const facts = { branch, commit, patch, base };
  await deps.audit.append({ kind: "patch.published", actor: "system", ticketId: ticket.id, facts });
}
