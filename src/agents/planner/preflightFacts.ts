import type { CapturedEvent } from "../../domain/event.ts";
import { isCommitId } from "../../domain/ids.ts";
import type { ChangeHistory, LineChange } from "../../domain/ports/changeHistory.ts";
import type { DeployJournal } from "../../domain/ports/deployJournal.ts";
import type { Workspace } from "../../domain/ports/workspace.ts";
import type { RunState } from "../../domain/runState.ts";
import type { Ticket } from "../../domain/ticket.ts";
import { placesOf, repairTarget } from "../../repair/frames.ts";
import { BRANCH_PREFIX } from "../branch/publishBranch.ts";
import type { AgentDeps } from "../deps.ts";
import type { PreflightFacts } from "./preflightVerdict.ts";

/** A branch touches a crash if it changes a line at most this far from it. */
const NEAR_LINES = 5;

export interface PreflightDeps extends Pick<AgentDeps, "tickets" | "issues" | "suppressions" | "workspaces" | "clock"> {
  journal: DeployJournal;
  history: ChangeHistory;
  /** Whether the exception happens on the clean base; null: there is no reproduction, or it showed nothing. */
  reproducesOnBase(workspace: Workspace, event: CapturedEvent, signal: AbortSignal): Promise<boolean | null>;
  claims: { quietForMs: number; branchesWithinMs: number };
}

/** What preflight looks at. The workspace is at the base. */
export interface PreflightInput {
  ticket: Ticket;
  state: RunState;
  event: CapturedEvent;
  workspace: Workspace;
  signal: AbortSignal;
}

/**
 * Gathers the facts for `preflightVerdict`. Only reads, except for the reproduction, which runs if the crashing line
 * was changed.
 */
export type Preflight = (input: PreflightInput) => Promise<PreflightFacts>;

/** Creates the preflight check. If a person overruled it, no git history is read and nothing is run. */
export function createPreflight(deps: PreflightDeps): Preflight {
  return async (input) => {
    const { ticket, state, event, workspace } = input;
    const issues = (await Promise.all(ticket.issueIds.map((id) => deps.issues.get(id)))).filter((i) => i !== null);
    const now = deps.clock.now();
    const held = await Promise.all(ticket.issueIds.map((id) => deps.suppressions.active(id, now)));
    const { places } = repairTarget(event, await workspace.files());
    const releases = [...new Set(issues.flatMap((issue) => issue.releases))];
    const known: PreflightFacts = {
      now,
      ...deps.claims,
      lastSeen: Math.max(event.receivedAt, ...issues.map((issue) => issue.lastSeen)),
      releases,
      // The ticket counts as suppressed only if all of its Issues are.
      suppression: held.every((one) => one !== null) ? (held[0] ?? null) : null,
      overruledBy: overruler(ticket, state),
      fixLive: null,
      changedSince: null,
      reproducesOnBase: null,
      branches: [],
    };
    if (known.overruledBy !== null) return known;
    const changedSince = await changedSinceReleases(deps, workspace, event, releases);
    return {
      ...known,
      fixLive: await liveFix(deps, ticket, workspace),
      changedSince,
      reproducesOnBase: changedSince && (await deps.reproducesOnBase(workspace, event, input.signal)),
      branches: await branchesOn(deps, workspace, places[0], now),
    };
  };
}

function overruler(ticket: Ticket, state: RunState): string | null {
  const guide = ticket.decisions.findLast((decision) => decision.type === "guide");
  return guide?.by ?? (state.startedBy === "" ? null : state.startedBy);
}

/**
 * A live fix of another ticket for one of these Issues, if all Events since come from older releases that the fix
 * contains.
 */
async function liveFix(
  deps: PreflightDeps,
  ticket: Ticket,
  { service }: Workspace,
): Promise<PreflightFacts["fixLive"]> {
  const lists = ticket.issueIds.map((issueId) => deps.tickets.list({ issueId, service: service.name }));
  for (const other of (await Promise.all(lists)).flat()) {
    const related = other.id !== ticket.id && other.issueIds.some((id) => ticket.issueIds.includes(id));
    if (!related || (other.state !== "soaking" && other.state !== "healed") || other.deploymentId === null) continue;
    const live = await deps.journal.get(other.deploymentId);
    if (live?.state !== "live" || !(await onlyOlder(deps, ticket, live.commit, live.settledAt ?? live.intendedAt)))
      continue;
    return { ticketId: other.id, commit: live.commit };
  }
  return null;

  async function onlyOlder(of: PreflightDeps, { issueIds }: Ticket, commit: string, since: number): Promise<boolean> {
    for (const id of issueIds) {
      let unknown = await of.issues.countSince(id, since);
      const releases = (await of.issues.get(id))?.releases ?? [];
      for (const release of releases.filter((name) => name !== commit && isCommitId(name))) {
        if (await of.workspaces.contains(service, commit, release))
          unknown -= await of.issues.countSince(id, since, release);
      }
      if (unknown > 0) return false;
    }
    return true;
  }
}

/**
 * The change of the crashing line since the Event's release. null: one of the Issues' releases is unknown or not older
 * than the base, or the line is unchanged.
 */
async function changedSinceReleases(
  deps: PreflightDeps,
  workspace: Workspace,
  event: CapturedEvent,
  releases: readonly string[],
): Promise<PreflightFacts["changedSince"]> {
  const { service, baseCommit: base } = workspace;
  const { release } = event;
  if (release === undefined || !releases.includes(release)) return null;
  for (const one of releases) {
    if (!isCommitId(one) || one === base) return null;
    if (!(await deps.workspaces.contains(service, base, one))) return null;
  }
  const [top] = placesOf(event.exception.frames, await workspace.files());
  if (top === undefined) return null;
  const span = { from: release, to: base, paths: [top.file], sinceFork: false };
  const touching = (await deps.history.lineChanges(service, span)).filter((change) => touches(change, top.line, 0));
  if (touching.length === 0) return null;
  const blamed = await Promise.all(
    touching.map((change) => workspace.blame(change.path, Math.max(1, change.newStart))),
  );
  const commits = blamed.flatMap((info) => (info === null ? [] : [`${info.commit.slice(0, 12)} (${info.author})`]));
  return { base, place: `${top.file}:${top.line}`, commits: [...new Set(commits)] };
}

async function branchesOn(
  deps: PreflightDeps,
  { service, baseCommit: base }: Workspace,
  top: { file: string; line: number } | undefined,
  now: number,
): Promise<PreflightFacts["branches"]> {
  if (top === undefined) return [];
  const found = [];
  for (const branch of await deps.history.branches(service)) {
    if (branch.name === service.branch || branch.name.startsWith(BRANCH_PREFIX)) continue;
    if (now - branch.at > deps.claims.branchesWithinMs) continue;
    if (await deps.workspaces.contains(service, base, branch.commit)) continue;
    const span = { from: base, to: branch.commit, paths: [top.file], sinceFork: true };
    const changes = await deps.history.lineChanges(service, span).catch(() => []);
    if (!changes.some((change) => touches(change, top.line, NEAR_LINES))) continue;
    // A branch that was squashed into the base is no ancestor of it, but has no change left.
    const left = await deps.history.lineChanges(service, { ...span, sinceFork: false }).catch(() => []);
    if (left.length > 0) found.push(branch);
  }
  return found;
}

/** An insertion (count 0) is located after its line: a crash right before or right after it counts. */
function touches({ start, count }: LineChange, line: number, near: number): boolean {
  const [first, last] = count === 0 ? [start, start + 1] : [start, start + count - 1];
  return first - near <= line && line <= last + near;
}
