import { isCommitId } from "../domain/ids.ts";
import type { ManualRefusal, ManualResult } from "../domain/manualAction.ts";
import type { AppliedPatch } from "../domain/patch.ts";
import type { ChangeHistory } from "../domain/ports/changeHistory.ts";
import type { CommitInfo } from "../domain/ports/workspace.ts";
import type { Service } from "../domain/service.ts";
import type { Ticket } from "../domain/ticket.ts";
import { sameChange } from "../policy/sameChange.ts";
import { changeTicket } from "./change.ts";
import type { TicketDeps } from "./deps.ts";
import { requirePatch } from "./requireTicket.ts";

export type RecordAppliedDeps = Pick<
  TicketDeps,
  "tickets" | "issues" | "blobs" | "audit" | "clock" | "wakeUps" | "services" | "workspaces" | "recordOutcome"
> & { history: Pick<ChangeHistory, "commitsOn" | "changeOf"> };

type Found =
  | { kind: "found"; commit: string; as: AppliedPatch["as"]; diff: string }
  | { kind: "none"; message: string };

/**
 * Records that a person applied the proposed Patch. The commit on the service's branch is compared with the Patch, file
 * by file; a difference goes into the track record as `edited`. Then the commit is watched, if selfheal can tell which
 * release is in production.
 */
export async function recordApplied(
  deps: RecordAppliedDeps,
  ticketId: string,
  { by, commit }: { by: string; commit: string | null },
): Promise<ManualResult> {
  const ticket = await deps.tickets.get(ticketId);
  if (ticket === null) return refused({ code: "notFound", message: `There is no ticket ${ticketId}.` });
  const fault = notProposed(ticket);
  if (fault !== null) return refused(fault);
  const service = deps.services.get(ticket.service);
  if (service === undefined)
    return refused({ code: "notFound", message: `No service ${ticket.service} is configured.` });
  const found = await findCommit(deps, ticket, service, commit);
  if (found.kind === "none") return refused({ code: "commit", message: found.message });
  const diffDigest = await deps.blobs.put(found.diff);
  const at = deps.clock.now();
  const what: AppliedPatch = { commit: found.commit, by, at, as: found.as, diffDigest, seenLiveAt: null };
  const watched = await canBeSeen(deps, service);
  const outcome: { refusal: ManualRefusal | null } = { refusal: null };
  const after = await changeTicket(deps, ticketId, (current) => {
    outcome.refusal = notProposed(current);
    return outcome.refusal === null ? stateOf(what, watched) : {};
  });
  if (outcome.refusal !== null) return refused(outcome.refusal);
  await auditApplied(deps, after, what);
  if (watched) await deps.wakeUps.set({ ticketId, kind: "verify", dueAt: at });
  return { kind: "done", ticket: after };
}

function stateOf(what: AppliedPatch, watched: boolean): Partial<Ticket> {
  const how = what.as === "proposed" ? "as proposed" : "edited";
  const said = `applied by ${what.by} as ${what.commit.slice(0, 12)}, ${how}`;
  if (watched)
    return { applied: what, state: "soaking", closedAt: null, reason: `${said}; waits for a release with it` };
  const why = "the service has no liveCommand, and its releases are no commit ids";
  return { applied: what, reason: `${said}. Whether it holds cannot be observed: ${why}` };
}

/** Appends the audit entry and, for an edited Patch, the track record entry; each once, however often this runs. */
export async function auditApplied(
  deps: Pick<RecordAppliedDeps, "audit" | "recordOutcome">,
  ticket: Ticket,
  { commit, by, as, diffDigest }: AppliedPatch,
): Promise<void> {
  const { patch } = ticket;
  if (patch === null) return;
  if (as === "edited")
    await deps.recordOutcome(ticket, { outcome: "edited", patchDigest: patch.digest, editedDigest: diffDigest, by });
  const entries = await deps.audit.list({ ticketId: ticket.id });
  if (entries.some(({ kind, facts }) => kind === "patch.applied" && facts.commit === commit)) return;
  const facts = { commit, as, patch: patch.digest, diff: diffDigest, files: patch.files };
  await deps.audit.append({ kind: "patch.applied", actor: `person:${by}`, ticketId: ticket.id, facts });
}

function notProposed({ id, state, patch, applied: before }: Ticket): ManualRefusal | null {
  const short = id.slice(0, 8);
  const message =
    before && (state === "soaking" || state === "proposed")
      ? `${before.by} said so before: ticket ${short} has ${before.commit.slice(0, 12)}.`
      : `Ticket ${short} proposes nothing (its state is ${state}).`;
  const free = state === "proposed" && patch !== null && !before;
  return free ? null : { code: "notProposed", message };
}

/**
 * Finds the applied commit: the one that changes the files as proposed, else the only one that changes them at all.
 * `named` (a prefix of the commit id) limits the search to that commit.
 */
async function findCommit(
  deps: RecordAppliedDeps,
  ticket: Ticket,
  service: Service,
  named: string | null,
): Promise<Found> {
  const { patch, diff: proposed } = await requirePatch(deps.blobs, ticket);
  const head = await deps.workspaces.head(service);
  const span = { from: patch.baseCommit, to: head, paths: patch.files };
  const commits = await deps.history.commitsOn(service, span);
  const candidates = commits.filter(({ commit }) => named === null || commit.startsWith(named.toLowerCase()));
  const files = patch.files.join(", ");
  const where = `${service.branch} since ${patch.baseCommit.slice(0, 12)}`;
  const [only, ...others] = candidates;
  if (only === undefined) {
    const what = named === null ? "no commit" : `no commit ${named}`;
    return { kind: "none", message: `There is ${what} on ${where} that changes ${files}.` };
  }
  for (const { commit } of candidates) {
    const diff = await deps.history.changeOf(service, commit, patch.files);
    if (sameChange(proposed, diff, patch.files)) return { kind: "found", commit, as: "proposed", diff };
  }
  if (others.length > 0) return { kind: "none", message: severalOf(candidates, files, where) };
  const diff = await deps.history.changeOf(service, only.commit, patch.files);
  return { kind: "found", commit: only.commit, as: "edited", diff };
}

function severalOf(commits: readonly CommitInfo[], files: string, where: string): string {
  const list = commits.slice(0, 5).map(({ commit, author }) => `${commit.slice(0, 12)} (${author})`);
  return `Several commits on ${where} change ${files}: ${list.join(", ")}. Say which one it is.`;
}

/** Whether selfheal can tell that a commit is in production: by a `liveCommand`, or by releases that are commit ids. */
async function canBeSeen({ issues }: RecordAppliedDeps, service: Service): Promise<boolean> {
  if (service.liveCommand !== undefined) return true;
  const known = await issues.list({ service: service.name, limit: 1000 });
  return known.some(({ releases }) => releases.some((release) => isCommitId(release)));
}

function refused(refusal: ManualRefusal): ManualResult {
  return { kind: "refused", refusal };
}
