import { describeDuration } from "../../domain/duration.ts";
import { isCommitId } from "../../domain/ids.ts";
import type { AppliedPatch } from "../../domain/patch.ts";
import type { IssueStore } from "../../domain/ports/issueStore.ts";
import type { RunUpdate } from "../../domain/runState.ts";
import type { Service } from "../../domain/service.ts";
import type { Ticket } from "../../domain/ticket.ts";
import { changeTicket } from "../../tickets/change.ts";
import { auditApplied } from "../../tickets/recordApplied.ts";
import type { DeploymentDeps } from "../deployment/deps.ts";

type Deps = DeploymentDeps & { issues: IssueStore };

/** How long selfheal waits for a person's commit to come into production, milliseconds. */
const WAITED_FOR_MS = 7 * 86_400_000;
/** Shortest and longest time between two looks for it, milliseconds; the looks are closer together at the beginning. */
const LOOKS = { least: 60_000, most: 3_600_000 };

/**
 * Decides whether a Patch that a person applied held. Its soak begins when the commit is seen in production: the
 * service reports it, or an Event comes from a release that contains it. A person's commit is never rolled back: if the
 * exception comes back, a person is asked.
 */
export async function watchAppliedPatch(
  deps: Deps,
  ticket: Ticket,
  service: Service,
  applied: AppliedPatch,
): Promise<RunUpdate> {
  if (ticket.state === "healed") return { verifying: "held", outcome: "healed" };
  await auditApplied(deps, ticket, applied);
  const now = deps.clock.now();
  const seenLiveAt = applied.seenLiveAt ?? ((await isLive(deps, service, applied.commit)) ? now : null);
  const watched = { ...applied, seenLiveAt };
  const recurrences = await countRecurrences(deps, ticket, service, watched);
  if (recurrences > 0) return cameBack(deps, ticket, applied, recurrences);
  if (seenLiveAt === null) return notYet(deps, ticket, applied, now);
  const dueAt = seenLiveAt + service.soakMs;
  if (now >= dueAt) return held(deps, ticket, watched, now - seenLiveAt);
  const reason = `${applied.commit.slice(0, 12)} of ${applied.by} is live; it is being watched`;
  await changeTicket(deps, ticket.id, () => ({ applied: watched, reason }));
  return lookAgain(deps, ticket, dueAt);
}

async function lookAgain(deps: Deps, ticket: Ticket, dueAt: number): Promise<RunUpdate> {
  await deps.wakeUps.set({ ticketId: ticket.id, kind: "verify", dueAt });
  return { verifying: "soaking", outcome: "soaking" };
}

async function isLive(deps: Deps, service: Service, commit: string): Promise<boolean> {
  const live = await deps.target.liveCommit(service);
  if (live !== null && (await deps.workspaces.contains(service, live, commit))) return true;
  const issues = await deps.issues.list({ service: service.name, limit: 1000 });
  const releases = new Set(issues.flatMap((issue) => issue.releases).filter((release) => isCommitId(release)));
  for (const release of releases) if (await deps.workspaces.contains(service, release, commit)) return true;
  return false;
}

/**
 * Counts Events of releases that contain the commit, whenever they came. Once the commit is live, also Events whose
 * release is not a commit, for they may come from it.
 */
async function countRecurrences(
  deps: Deps,
  ticket: Ticket,
  service: Service,
  { commit, seenLiveAt }: AppliedPatch,
): Promise<number> {
  let count = 0;
  for (const id of ticket.issueIds) {
    let unknown = seenLiveAt === null ? 0 : await deps.issues.countSince(id, seenLiveAt);
    for (const release of (await deps.issues.get(id))?.releases.filter((name) => isCommitId(name)) ?? []) {
      if (seenLiveAt !== null) unknown -= await deps.issues.countSince(id, seenLiveAt, release);
      if (await deps.workspaces.contains(service, release, commit))
        count += await deps.issues.countSince(id, 0, release);
    }
    count += Math.max(0, unknown);
  }
  return count;
}

/** Hands the ticket to a person, with the applied commit in the cause. */
async function cameBack(deps: Deps, ticket: Ticket, applied: AppliedPatch, times: number): Promise<RunUpdate> {
  const commit = applied.commit.slice(0, 12);
  const cause = `the exception came back ${times} time(s) with ${commit}, which ${applied.by} applied; nothing was rolled back`;
  await noteEnd(deps, ticket, applied, "fix.recurred", cause);
  if (applied.as === "proposed" && ticket.patch !== null)
    await deps.recordOutcome(ticket, { outcome: "reverted", patchDigest: ticket.patch.digest });
  await deps.wakeUps.clear(ticket.id, "verify");
  return { verifying: "recurred", cause };
}

async function notYet(deps: Deps, ticket: Ticket, applied: AppliedPatch, now: number): Promise<RunUpdate> {
  const waited = now - applied.at;
  if (waited < WAITED_FOR_MS) {
    const wait = Math.min(LOOKS.most, Math.max(LOOKS.least, waited / 4));
    return lookAgain(deps, ticket, Math.round(now + wait));
  }
  const what = `applied by ${applied.by} as ${applied.commit.slice(0, 12)}`;
  const reason = `${what}; no release with it was seen in ${describeDuration(waited)}, so whether it holds is not known`;
  await changeTicket(deps, ticket.id, () => ({ state: "proposed", reason, closedAt: now }));
  await deps.wakeUps.clear(ticket.id, "verify");
  return { verifying: "none", outcome: "proposed" };
}

async function held(deps: Deps, ticket: Ticket, applied: AppliedPatch, watchedMs: number): Promise<RunUpdate> {
  const what = `${applied.commit.slice(0, 12)}, applied by ${applied.by}`;
  const quiet = "no traffic figure is known, so the quiet may be that of an empty shop";
  const reason = `held: no recurrence in ${describeDuration(watchedMs)} since ${what}, was seen live; ${quiet}`;
  await noteEnd(deps, ticket, applied, "fix.held", reason);
  if (applied.as === "proposed" && ticket.patch !== null)
    await deps.recordOutcome(ticket, { outcome: "held", patchDigest: ticket.patch.digest });
  const closed = { state: "healed" as const, reason, applied, closedAt: deps.clock.now() };
  const after = await changeTicket(deps, ticket.id, () => closed);
  await deps.wakeUps.clear(ticket.id, "verify");
  return { verifying: "held", outcome: "healed", grade: after.evidence?.grade ?? "none" };
}

/** Audits the end once, however often the node runs. */
async function noteEnd(
  deps: Deps,
  { id, service, patch }: Ticket,
  { commit, by }: AppliedPatch,
  kind: "fix.held" | "fix.recurred",
  reason: string,
): Promise<void> {
  const entries = await deps.audit.list({ ticketId: id });
  if (entries.some((entry) => entry.kind === kind && entry.facts.commit === commit)) return;
  const facts = { service, commit, by, patch: patch?.digest ?? null, reason: reason.slice(0, 500) };
  await deps.audit.append({ kind, actor: "system", ticketId: id, facts });
}
