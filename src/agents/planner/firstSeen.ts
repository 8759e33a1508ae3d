import type { CapturedEvent } from "../../domain/event.ts";
import { isCommitId } from "../../domain/ids.ts";
import type { Workspace } from "../../domain/ports/workspace.ts";
import type { Ticket } from "../../domain/ticket.ts";
import type { AgentDeps } from "../deps.ts";
import type { FirstSeen } from "./contract.ts";

/** Maximum number of Issues of the service whose releases are read. */
const MAX_ISSUES = 100;
/** Maximum number of releases that are compared; each costs a call of git. */
const MAX_RELEASES = 20;

/** When the ticket's root cause was first seen, and what the releases around that time show. */
export async function firstSeenOf(
  deps: Pick<AgentDeps, "issues" | "workspaces">,
  ticket: Ticket,
  { service, baseCommit }: Workspace,
  event: CapturedEvent,
): Promise<FirstSeen> {
  const holds = (release: string, commit: string) => deps.workspaces.contains(service, release, commit);
  const all = await deps.issues.list({ project: ticket.project, service: ticket.service, limit: MAX_ISSUES });
  const own = all.filter((issue) => ticket.issueIds.includes(issue.id));
  const crashed = new Set(own.flatMap((issue) => issue.releases));
  const { release } = event;
  const known = release !== undefined && isCommitId(release) && (await holds(baseCommit, release));
  return {
    firstSeen: Math.min(event.timestamp, ...own.map((issue) => issue.firstSeen)),
    crashed: known ? release : null,
    good: known ? await newestBefore(release) : null,
    holds,
  };

  async function newestBefore(first: string): Promise<string | null> {
    const others = new Set(all.flatMap((issue) => issue.releases));
    const candidates = [...others].filter((name) => isCommitId(name) && !crashed.has(name)).slice(0, MAX_RELEASES);
    let newest: string | null = null;
    for (const candidate of candidates) {
      if (!(await holds(first, candidate))) continue;
      if (newest === null || (await holds(candidate, newest))) newest = candidate;
    }
    return newest;
  }
}
