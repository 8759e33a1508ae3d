import { CANARY_BEGINNING, type Canary, type CanaryProgress, counted, describeCounted } from "../../domain/canary.ts";
import type { Deployment } from "../../domain/deployment.ts";
import type { RunUpdate } from "../../domain/runState.ts";
import type { Ticket } from "../../domain/ticket.ts";
import { type CanarySeen, judgeCanary } from "../../policy/canaryVerdict.ts";
import { askPerson } from "../../tickets/askPerson.ts";
import { changeTicket } from "../../tickets/change.ts";
import { baseCommitOf } from "../branch/baseCommit.ts";
import { auditCanaryReading, auditOnce } from "../deployment/auditMarks.ts";
import type { CanaryWatchDeps, DeploymentDeps } from "../deployment/deps.ts";
import { canariesOf, removeCanary } from "../deployment/removeCanary.ts";
import { failureOf } from "../deployment/restoreCommit.ts";
import { isFenced, putOff, type Release, settledOutcome, settleRelease } from "./deploymentSteps.ts";
import type { DeployerDeps } from "./deps.ts";

/** A release whose canary is looked at; that needs no workspace. */
type Watched = Omit<Release, "workspace">;

/** What follows a look at a canary. A RunUpdate ends the run; otherwise the run goes on. */
export type AfterCanary =
  | RunUpdate
  /** The canary was abandoned, which says nothing about the Patch: begin again as if there had been none. */
  | "anew"
  /** Deploy the very commit of the canary to all of the traffic. */
  | { promote: Deployment };

/** Deploys to a part of the traffic. The journal gets the intent first, so that a restart asks the service. */
export async function beginCanary(deps: DeployerDeps, release: Release): Promise<RunUpdate> {
  const { ticket, service, workspace, signal } = release;
  if (await deps.paused()) return putOff(deps, ticket, "selfheal is paused");
  if (await isFenced(release.claim)) return putOff(deps, ticket, "this process was stopped past its lease");
  const begun = await note(deps, release, CANARY_BEGINNING);
  // The write of the intent takes time, so the kill switch is read once more, right before the effect.
  if (await deps.paused()) {
    await note(deps, release, undefined);
    return putOff(deps, ticket, "selfheal is paused");
  }
  const { ticketId, commit, previousCommit, branch } = begun.deployment;
  const order = { ticketId, commit, previousCommit, branch, dir: workspace.dir };
  const failure = failureOf("the canary command", await canariesOf(deps).begin(service, order, signal));
  signal.throwIfAborted();
  const update = await (failure === null ? watch(deps, begun) : end(deps, begun, { reason: failure, blamed: true }));
  // It is too early to promote. A canary that was abandoned is begun again by a later entry.
  return update === "anew" || "promote" in update ? putOff(deps, ticket, "its canary was given up") : update;
}

/**
 * Enters a deployment whose canary was begun, with a new fencing token: an earlier entry that still runs is fenced off.
 * A step that was cut off is settled by asking the service. If the service cannot tell, the canary is taken out, which
 * leaves a known state, and begun again.
 */
export async function enterCanary(deps: DeployerDeps, found: Watched): Promise<AfterCanary> {
  const grant = await deps.journal.intend(found.deployment);
  if (grant.kind !== "unfinished") return "anew";
  const { deployment } = grant;
  const watched = { ...found, deployment };
  const { canary } = deployment;
  switch (canary?.stage) {
    case "beginning":
      return afterBeginning(deps, watched);
    case "watching":
    case "held":
      return look(deps, watched, canary);
    case "aborting":
    case "aborted":
      return end(deps, watched, canary);
    default:
      return { promote: deployment };
  }
}

async function afterBeginning(deps: DeployerDeps, watched: Watched): Promise<AfterCanary> {
  const running = await canariesOf(deps).running(watched.service);
  if (running === watched.deployment.commit) return watch(deps, watched);
  if (running === "none") {
    await note(deps, watched, undefined);
    return "anew";
  }
  const reason = "selfheal was stopped while the canary began, and the service does not tell whether it did";
  return end(deps, watched, { reason, blamed: false });
}

async function watch(deps: DeployerDeps, watched: Watched): Promise<AfterCanary> {
  const { service, deployment } = watched;
  await auditOnce(deps.audit, "canary.began", deployment, { windowMs: service.canary?.windowMs ?? 0 });
  const began: CanaryProgress = { ...CANARY_BEGINNING, stage: "watching", beganAt: deps.clock.now() };
  return look(deps, await note(deps, watched, began), began);
}

/** Reads the canary, judges it, and acts on the verdict. */
async function look(deps: DeployerDeps, watched: Watched, before: CanaryProgress): Promise<AfterCanary> {
  const { service, ticket } = watched;
  const { canary: rules } = service;
  if (rules === undefined) return end(deps, watched, { reason: "the service has no canary any more", blamed: false });
  const { seen, counters } = await observeCanary(deps, watched, before);
  const judged = judgeCanary(rules, seen);
  const after = { ...before, ...judged, looks: before.looks + 1, counters, counted: seen.counted };
  after.reason = after.reason.slice(0, 1000);
  await auditCanaryReading(deps.audit, watched.deployment, after);
  const now = await note(deps, watched, after);
  if (judged.verdict === "unhealthy")
    return end(deps, now, { reason: `the canary is unhealthy: ${judged.reason}`, blamed: true });
  if (judged.verdict === "healthy" || saidYes(ticket, before)) return promote(deps, now, rules, judged.reason);
  if (before.stage === "held" || seen.watchedMs >= rules.maxWindowMs) return hold(deps, now, rules, after);
  return watchOn(deps, now, rules, judged.reason);
}

/** One look: the service's counters, its health, and the Events of the canary's release. */
export async function observeCanary(deps: CanaryWatchDeps, watched: Omit<Watched, "claim">, before: CanaryProgress) {
  const { service, deployment, ticket, signal } = watched;
  const read = await canariesOf(deps).read(service, deployment, signal);
  const health = await deps.target.health(service, signal);
  const now = deps.clock.now();
  const beganAt = before.beganAt ?? now;
  let recurrences = 0;
  for (const id of ticket.issueIds) recurrences += await deps.issues.countSince(id, beganAt, deployment.commit);
  const seen: CanarySeen = {
    watchedMs: now - beganAt,
    counted: read.kind === "read" ? counted(before, read.reading) : before.counted,
    unread: read.kind === "read" ? null : read.reason,
    unwell: health.kind === "healthy" ? null : health.reason,
    recurrences,
  };
  return { seen, counters: read.kind === "read" ? read.reading : before.counters };
}

/** Whether a person approved after they were asked about the canary. */
function saidYes(ticket: Ticket, { answersBefore }: CanaryProgress): boolean {
  return answersBefore !== null && ticket.decisions.length > answersBefore && isApproved(ticket);
}

function isApproved({ decisions, patch }: Ticket): boolean {
  const last = decisions.at(-1);
  return last?.type === "approve" && last.patchDigest === patch?.digest;
}

/** Promotes the canary, unless something else has changed since it began. */
async function promote(deps: DeployerDeps, now: Watched, rules: Canary, why: string): Promise<AfterCanary> {
  const { service, ticket, deployment } = now;
  if (await deps.paused()) return watchOn(deps, now, rules, `${why}; it waits, for selfheal is paused`);
  if (await isFenced(now.claim)) return watchOn(deps, now, rules, "this process was stopped past its lease");
  if ((await baseCommitOf(deps, service)) !== ticket.patch?.baseCommit)
    return end(deps, now, { reason: "the base moved while the canary was watched", blamed: false });
  const live = await deps.target.liveCommit(service);
  if (live !== null && live !== deployment.previousCommit && live !== deployment.commit)
    return end(deps, now, { reason: `${live.slice(0, 12)} went live while the canary was watched`, blamed: false });
  const { autonomy, autoDeploySeverity } = await deps.policyOf(service, ticket);
  const mayGo = autonomy === "full" && autoDeploySeverity.includes(ticket.severity);
  if (deployment.auto && !mayGo && !isApproved(ticket)) {
    // The autonomy level was lowered since: the gate asks a person, and the canary stays as it is until the answer.
    await watchOn(deps, now, rules, `${why}; it may not go by itself any more`);
    return { deploying: "lowered" };
  }
  return { promote: (await stage(deps, now, { stage: "promoting" })).deployment };
}

/** Ends the run; a stored wake-up calls for the next look. */
async function watchOn(deps: DeployerDeps, { ticket, deployment }: Watched, rules: Canary, why: string) {
  await deps.wakeUps.set({ ticketId: ticket.id, kind: "canary", dueAt: deps.clock.now() + rules.everyMs });
  const reason = `${deployment.commit.slice(0, 12)} is live for a part of the traffic: ${why}`.slice(0, 4000);
  await changeTicket(deps, ticket.id, () => ({ state: "deploying", reason }));
  return { deploying: "canary", outcome: "deploying" } satisfies RunUpdate;
}

/** The canary was inconclusive for too long. A person decides, and the canary stays as it is until then. */
async function hold(deps: DeployerDeps, now: Watched, rules: Canary, progress: CanaryProgress): Promise<RunUpdate> {
  const { ticket } = now;
  const answersBefore = ticket.decisions.length;
  await stage(deps, now, { stage: "held", answersBefore });
  await deps.wakeUps.set({ ticketId: ticket.id, kind: "canary", dueAt: deps.clock.now() + rules.everyMs });
  const patchDigest = ticket.patch?.digest ?? "";
  await askPerson(deps, ticket, {
    kind: "approveDeploy",
    patchDigest,
    // The reasons of the gate are named again: an approval covers only the reasons in the question.
    reasons: [`canaryInconclusive: ${progress.reason}`, ...(ticket.gate?.missing ?? [])],
    allowed: ["approve", "reject"],
    askedAt: deps.clock.now(),
  });
  return { deploying: "held", question: "approveDeploy", patchDigest };
}

/** Takes the canary out. Blamed, that is a roll back; otherwise the deployment is abandoned and may be begun again. */
async function end(
  deps: DeployerDeps,
  watched: Watched,
  why: { reason: string; blamed: boolean },
): Promise<AfterCanary> {
  const settled = await settleTakenOut(deps, watched, why);
  return settled.state === "abandoned" ? "anew" : settledOutcome(deps, watched, settled);
}

/** Settles a deployment in the journal. */
export type EndDeployment = (
  deployment: Deployment,
  state: "rolledBack" | "failed" | "abandoned",
  reason: string,
) => Promise<Deployment>;

/**
 * Takes a canary out and settles its deployment: `rolledBack` if blamed, else `abandoned`; `failed` if it may still be
 * in.
 */
export async function settleTakenOut(
  deps: DeploymentDeps,
  watched: Omit<Watched, "claim">,
  { reason, blamed }: { reason: string; blamed: boolean },
  settle: EndDeployment = (deployment, state, text) =>
    settleRelease(deps, { ticket: watched.ticket, deployment }, state, text),
): Promise<Deployment> {
  const { service, signal } = watched;
  const { deployment, stuck } = await removeCanary(deps, service, watched.deployment, { reason, blamed, signal });
  if (stuck !== null) {
    deps.log.error("a canary could not be taken out", { ticket: deployment.ticketId, reason: stuck });
    return settle(deployment, "failed", `${reason}; taking the canary out did not work: ${stuck}`);
  }
  if (!blamed) return settle(deployment, "abandoned", reason);
  const figures = deployment.canary === undefined ? "" : ` (${describeCounted(deployment.canary.counted)})`;
  const previous = deployment.previousCommit.slice(0, 12);
  const text = `${reason}${figures}; the canary was taken out, ${previous} has all of the traffic`;
  return settle(deployment, "rolledBack", text);
}

function stage(deps: DeployerDeps, watched: Watched, change: Partial<CanaryProgress>): Promise<Watched> {
  return note(deps, watched, { ...(watched.deployment.canary ?? CANARY_BEGINNING), ...change });
}

async function note<R extends Watched>(deps: DeployerDeps, watched: R, canary: CanaryProgress | undefined): Promise<R> {
  const { id, fencingToken } = watched.deployment;
  return { ...watched, deployment: await deps.journal.noteCanary(id, fencingToken, canary) };
}
