import { allSettledOrThrow } from "../../domain/allSettledOrThrow.ts";
import { isPartlyLive } from "../../domain/deployment.ts";
import { digestOf, type Patch } from "../../domain/patch.ts";
import type { Workspace } from "../../domain/ports/workspace.ts";
import type { AgentNode, RunUpdate } from "../../domain/runState.ts";
import type { Service } from "../../domain/service.ts";
import { isClosed, type Ticket } from "../../domain/ticket.ts";
import { changeTicket, closeTicket } from "../../tickets/change.ts";
import { requirePatch, requireService, requireTicket } from "../../tickets/requireTicket.ts";
import { baseCommitOf } from "../branch/baseCommit.ts";
import { publishBranch } from "../branch/publishBranch.ts";
import { preparedMessage } from "../branch/publishForReview.ts";
import { auditOnce } from "../deployment/auditMarks.ts";
import { TRY_AGAIN_MS } from "../deployment/deps.ts";
import type { Step } from "../deployment/nextStep.ts";
import { abandonCanary } from "../deployment/removeCanary.ts";
import { canaryAhead, serviceSlot } from "../deployment/serviceSlot.ts";
import { beginCanary, enterCanary } from "./canaryRollout.ts";
import { continueRelease, putOff, type Release, settledOutcome, stepAfterRestart } from "./deploymentSteps.ts";
import type { DeployerDeps } from "./deps.ts";

/** The Patch as a commit on its base, in the ticket's workspace. */
interface Built {
  ticket: Ticket;
  service: Service;
  patch: Patch;
  workspace: Workspace;
  commit: string;
  /** Idempotency key of the deployment. */
  key: string;
}

const DIVERGED = "the live commit and the branch have diverged";

/**
 * Patch → production: commit, branch, INTENT, deploy, health check, and roll back if it fails. Deterministic code: no
 * model is asked, and only a Patch that the gate or a person approved is deployed. Entering it twice deploys once.
 */
export function createDeployerNode(deps: DeployerDeps): AgentNode {
  return async (state, signal, run) => {
    const ticket = await requireTicket(deps.tickets, state.ticketId);
    const service = requireService(deps.services, ticket);
    if (isClosed(ticket.state) && ticket.state !== "rolledBack")
      return abandonForClosedTicket(deps, ticket, service, signal);
    const { patch, diff } = await requirePatch(deps.blobs, ticket);
    await deps.wakeUps.clear(ticket.id, "deploy");
    const refusal = notLetThrough(ticket, patch, diff, state.patchDigest);
    if (refusal !== null) return failed(refusal);

    const key = [ticket.id, patch.digest, patch.baseCommit, service.name].join(" ");
    let known = await knownDeployment(deps, ticket, service, key);
    if (known?.state === "live" || known?.state === "failed" || known?.state === "rolledBack")
      return settledOutcome(deps, { ticket, service }, known);
    if (known?.state === "intended" && known.canary !== undefined) {
      const watched = { ticket, service, deployment: known, signal, claim: run?.claim };
      const after = await enterCanary(deps, watched);
      if (after !== "anew")
        return "promote" in after ? promote(deps, { ...watched, deployment: after.promote }) : after;
      known = await knownDeployment(deps, ticket, service, key);
    }
    await changeTicket(deps, ticket.id, () => ({ state: "deploying" }));

    const built = await build(deps, { ticket, service, patch, key }, diff);
    if (typeof built === "string") return failed(built);
    if (service.deployCommand === undefined) return propose(deps, built);
    const hindrance = known === null ? await whyNotNow(deps, built, signal) : null;
    return hindrance ?? (await release(deps, built, known?.previousCommit ?? null, { signal, claim: run?.claim }));
  };
}

/** A person closed the ticket: a canary that it still has is taken out. */
async function abandonForClosedTicket(
  deps: DeployerDeps,
  ticket: Ticket,
  service: Service,
  signal: AbortSignal,
): Promise<RunUpdate> {
  const own = await deps.journal.inFlight(service.name);
  if (own?.ticketId === ticket.id && isPartlyLive(own))
    await abandonCanary(deps, service, own, { reason: `the ticket was closed: ${ticket.state}`, signal });
  await deps.wakeUps.clear(ticket.id, "canary");
  return { deploying: "none", outcome: ticket.state };
}

function failed(cause: string): RunUpdate {
  return { deploying: "failed", cause: cause.slice(0, 2000) };
}

/** Why the Patch may not be deployed; null: it may. The gate ran before this node; its decision is checked again. */
function notLetThrough(ticket: Ticket, patch: Patch, diff: string, wanted: string): string | null {
  if (digestOf(diff) !== patch.digest) return "the stored diff does not match the patch's digest";
  if (wanted !== "" && wanted !== patch.digest) return "the ticket's patch is not the one this run decided on";
  const { gate } = ticket;
  if (gate === null || gate.patchDigest !== patch.digest || gate.verdict === "refuse")
    return "the gate did not let this patch through";
  if (gate.verdict === "auto" || approver(ticket, patch) !== null) return null;
  return "nobody approved this patch";
}

/** Who gave the last answer, if that approved exactly this Patch; else null. */
function approver(ticket: Ticket, patch: Patch): string | null {
  const last = ticket.decisions.at(-1);
  return last?.type === "approve" && last.patchDigest === patch.digest ? last.by : null;
}

/** The deployment of this Patch that an earlier entry intended; null: none. */
async function knownDeployment(deps: DeployerDeps, ticket: Ticket, service: Service, key: string) {
  const own = ticket.deploymentId === null ? null : await deps.journal.get(ticket.deploymentId);
  const candidates = [own, await deps.journal.inFlight(service.name), await deps.journal.live(service.name)];
  // An abandoned deployment does not count.
  return candidates.find((deployment) => deployment?.key === key && deployment.state !== "abandoned") ?? null;
}

/** Commits the Patch onto its base. A string says why that failed. */
async function build(
  deps: DeployerDeps,
  what: Omit<Built, "workspace" | "commit">,
  diff: string,
): Promise<Built | string> {
  const workspace = await deps.workspaces.open(what.service, what.ticket.id, what.patch.baseCommit);
  const applied = await workspace.apply(diff);
  if (applied.kind === "conflict") return `the patch does not apply to its own base: ${applied.reason}`;
  // The commit that a person reviewed on a branch is the one to deploy: the same message makes the same commit.
  const message =
    (await preparedMessage(deps.blobs, what.ticket, what.patch)) ?? (await deps.commitMessage(what.ticket));
  return { ...what, workspace, commit: await workspace.commit(message) };
}

function commitOf({ commit, patch }: Built) {
  return { commit, patchDigest: patch.digest };
}

/** Without a deploy command the branch is the result; the ticket must not say that the Patch is live. */
async function propose(deps: DeployerDeps, built: Built): Promise<RunUpdate> {
  const branch = await publishBranch(deps.workspaces, built.workspace, commitOf(built));
  const reason = `${built.service.name} has no deployCommand: the fix waits on branch ${branch} for a person to deploy it`;
  await closeTicket(deps, built.ticket.id, "proposed", reason);
  return { deploying: "none", outcome: "proposed" };
}

/** What prevents a new deployment now; null: nothing. What matters is checked again once this run has the slot. */
async function whyNotNow(
  deps: DeployerDeps,
  { ticket, service, patch, key }: Built,
  signal: AbortSignal,
): Promise<RunUpdate | null> {
  if (await deps.paused()) return putOff(deps, ticket, "selfheal is paused");
  const ahead = await canaryAhead(deps, service, ticket.id);
  if (ahead !== null)
    return putOff(deps, ticket, `the canary of ticket ${ahead} is watched`, service.canary?.everyMs ?? TRY_AGAIN_MS);
  const turn = await deps.turns.take(service.name, ticket.id);
  if (turn.kind === "taken") return putOff(deps, ticket, `it is the turn of ticket ${turn.by}`);
  const base = await baseCommitOf(deps, service);
  if (base === null) return failed(DIVERGED);
  if (base !== patch.baseCommit) return { deploying: "moved" };
  return slotTaken(deps, { ticket, service, key }, signal);
}

/**
 * Another deployment of the service is in flight. The ticket waits for it; if no run works on it any more, it is
 * settled by what is live. null: the slot is free.
 */
async function slotTaken(
  deps: DeployerDeps,
  { ticket, service, key }: Pick<Built, "ticket" | "service" | "key">,
  signal: AbortSignal,
): Promise<RunUpdate | null> {
  if ((await deps.journal.inFlight(service.name))?.key === key) return null;
  const slot = await serviceSlot(deps, service, ticket.id, signal);
  if (slot.kind === "free") return null;
  if (slot.kind === "taken") return putOff(deps, ticket, `ticket ${slot.by} is being deployed`);
  if (slot.kind === "unknown") return { deploying: "unknown", cause: slot.cause };
  // What is live may have changed, and so may the base.
  return (await baseCommitOf(deps, service)) === ticket.patch?.baseCommit ? null : { deploying: "moved" };
}

/**
 * Intends the deployment in the journal and carries it out. `before`: what was live when an earlier entry intended this
 * deployment; null: none did.
 */
async function release(
  deps: DeployerDeps,
  built: Built,
  before: string | null,
  run: Pick<Release, "signal" | "claim">,
): Promise<RunUpdate> {
  const { ticket, service, patch, workspace, commit, key } = built;
  const previousCommit = before ?? (await previousOf(deps, built));
  if (previousCommit === null) return failed(DIVERGED);
  const branch = await publishBranch(deps.workspaces, built.workspace, commitOf(built));
  const auto = ticket.gate?.verdict === "auto" && approver(ticket, patch) === null;
  // The gate decided at an autonomy level that a person, or a revert, may have lowered since.
  if (auto && before === null && !(await mayGoByItself(deps, ticket, service))) return { deploying: "lowered" };
  const wanted = { key, ticketId: ticket.id, service: service.name, patchDigest: patch.digest };
  const limits = await deps.breaker.limits(await deps.policyOf(service, ticket));
  const grant = await deps.journal.intend({ ...wanted, branch, commit, previousCommit, auto }, limits);
  // Another service used up the limit after the gate decided. The gate decides again, and asks a person.
  if (grant.kind === "limited") return putOff(deps, ticket, `${grant.limit}: one more without a person is too many`);
  if (grant.kind === "busy") return putOff(deps, ticket, `ticket ${grant.by} is being deployed`);
  const { deployment } = grant;
  if (grant.kind === "settled") return settledOutcome(deps, { ticket, service }, deployment);

  const noted = () => auditOnce(deps.audit, "deploy.intended", deployment, { branch, auto, base: patch.baseCommit });
  const held = { ticket, service, deployment, workspace, ...run };
  if (grant.kind === "unfinished") {
    await noted();
    const same = deployment.commit === commit;
    return goLive(deps, held, same ? await stepAfterRestart(deps, service, deployment) : "unknown");
  }
  // From here on this run has the slot: selfheal no longer moves the base, but something may have moved it just before.
  if ((await baseCommitOf(deps, service)) !== patch.baseCommit) {
    await noted();
    await deps.journal.settle(
      deployment.id,
      deployment.fencingToken,
      "abandoned",
      "the base moved before it was deployed",
    );
    return { deploying: "moved" };
  }
  await allSettledOrThrow(
    noted(),
    changeTicket(deps, ticket.id, () => ({ deploymentId: deployment.id })),
  );
  return goLive(deps, held, "deploy");
}

/**
 * Deploys the very commit that the canary ran to all of the traffic. A commit that is made anew would differ, for its
 * message would include a person's approval.
 */
async function promote(deps: DeployerDeps, watched: Omit<Release, "workspace">): Promise<RunUpdate> {
  const { service, ticket, deployment } = watched;
  const workspace = await deps.workspaces.open(service, ticket.id, deployment.commit);
  return continueRelease(deps, { ...watched, workspace }, await stepAfterRestart(deps, service, deployment));
}

/** Deploys, to a part of the traffic first if the service has a canary. */
async function goLive(deps: DeployerDeps, release: Release, from: Step): Promise<RunUpdate> {
  const { service, deployment } = release;
  const first = from === "deploy" && service.canary !== undefined && deployment.canary === undefined;
  return first ? beginCanary(deps, release) : continueRelease(deps, release, from);
}

async function mayGoByItself(deps: DeployerDeps, ticket: Ticket, service: Service): Promise<boolean> {
  const { autonomy, autoDeploySeverity } = await deps.policyOf(service, ticket);
  return autonomy === "full" && autoDeploySeverity.includes(ticket.severity);
}

/**
 * What a roll back would restore: the commit that the service reports as live, else the base. null: the live commit is
 * not part of the base.
 */
async function previousOf(deps: DeployerDeps, { service, patch, commit }: Built): Promise<string | null> {
  const live = await deps.target.liveCommit(service);
  if (live === null || live === commit || live === patch.baseCommit) return patch.baseCommit;
  return (await deps.workspaces.contains(service, patch.baseCommit, live)) ? live : null;
}
