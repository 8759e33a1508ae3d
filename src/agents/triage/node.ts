import { allSettledOrThrow } from "../../domain/allSettledOrThrow.ts";
import { SelfhealError } from "../../domain/errors.ts";
import { lowerTier } from "../../domain/event.ts";
import { ticketId } from "../../domain/ids.ts";
import type { Batch, Issue } from "../../domain/issue.ts";
import type { IncidentRule } from "../../domain/issueBursts.ts";
import type { AgentNode } from "../../domain/runState.ts";
import { countedOn } from "../../domain/taughtRule.ts";
import { isClosed, Severity, type Ticket } from "../../domain/ticket.ts";
import { type Origin, originOf } from "../../domain/trace.ts";
import { MAX_SAMPLES, mostTrusted } from "../../tickets/bestSample.ts";
import { changeTicket } from "../../tickets/change.ts";
import type { AgentDeps } from "../deps.ts";
import type { IssueView, TriageBrain, TriageGroup } from "./contract.ts";
import { type Linked, type LinkedGroup, withIncidents } from "./incident.ts";

type Deps = Pick<AgentDeps, "tickets" | "issues" | "batches" | "suppressions" | "audit" | "clock" | "log"> & {
  brain: TriageBrain;
  /** When many new Issues are one incident, by the configuration as it is now; default: never. */
  incident?: (() => IncidentRule) | undefined;
};

/**
 * Batch → Tickets, one per root cause, the most severe first. Ticket ids derive from the Batch and the rank, and a
 * Batch keeps the tickets that it has, so that a repeated run opens only what is missing. Issues whose ticket is open
 * join it.
 */
export function createTriage(deps: Deps): AgentNode {
  return async (state, signal) => {
    const batch = await deps.batches.get(state.batchId);
    if (batch === null) throw new SelfhealError("batchNotFound", `there is no batch ${state.batchId}`);
    const said = new Set<string>();
    for (let look = 0; look < MAX_LOOKS; look += 1) {
      const before = await deps.tickets.list({ batchId: batch.id });
      for (const ticket of before) await noteOpened(deps, ticket);
      for (const ticket of before) await attach(deps, ticket);
      for (const ticket of before) await link(deps, ticket);
      const opened = await openTickets(deps, batch, { before, said }, signal);
      if (opened === "overtaken") continue;
      const [lead, ...others] = [...before, ...opened].map((t) => t.id).sort(byRank(batch));
      return { ticketId: lead ?? "", siblings: others };
    }
    throw new SelfhealError("overtaken", `the tickets of batch ${batch.id} changed under each of ${MAX_LOOKS} looks`);
  };
}

/**
 * Maximum number of looks at the Batch's tickets. A write of an earlier, abandoned entry can land during this one; each
 * such write costs one more look.
 */
const MAX_LOOKS = 10;

interface Standing {
  /** The Batch's tickets as they were read. */
  before: readonly Ticket[];
  /** Issues for which it is already audited what takes care of them. */
  said: Set<string>;
}

/** Opens the missing tickets. `overtaken`: the Batch has other tickets by now than were read, so look again. */
async function openTickets(
  deps: Deps,
  batch: Batch,
  { before, said }: Standing,
  signal: AbortSignal,
): Promise<Ticket[] | "overtaken"> {
  const issues = await unclaimed(deps, batch, new Set(before.flatMap(coveredBy)), said);
  if (issues === "overtaken" || issues.length === 0) return issues === "overtaken" ? issues : [];
  const now = deps.clock.now();
  const origins = await originsOf(deps, issues);
  const views = await Promise.all(issues.map((issue, index) => viewOf(deps, issue, index, now, origins.get(issue.id))));
  const { groups, tokens, by } = await deps.brain.triage(views, signal);
  const found = await linked(deps, batch, { groups, issues, origins });
  for (const { ticketId: id, issues: late } of found.joining) await joinCascade(deps, id, late, said);
  const ranked = found.groups.sort((a, b) => rankOf(a) - rankOf(b) || (a.issues[0] ?? 0) - (b.issues[0] ?? 0));
  const opened: Ticket[] = [];
  const free = freeRanks(batch, before);
  for (const [place, group] of ranked.entries()) {
    const rank = free.next().value;
    const members = group.issues.flatMap((i) => issues[i] ?? []);
    const wanted = newTicket(batch, rank, group, members, now, place === 0 ? tokens : 0, origins);
    const [ticket] = await allSettledOrThrow(
      deps.tickets.open(wanted),
      attach(deps, wanted),
      noteOpened(deps, wanted, by),
    );
    // Another ticket has this id, so these Issues have no ticket yet.
    if (!members.every(({ id }) => ticket.issueIds.includes(id))) return "overtaken";
    await link(deps, ticket);
    opened.push(ticket);
  }
  return opened;
}

/** The ranks without a ticket, lowest first. The first one is the ticket of the Batch's own run. */
function* freeRanks(batch: Batch, before: readonly Ticket[]): Generator<number, never> {
  const taken = new Set(before.map(({ id }) => id));
  for (let rank = 0; ; rank += 1) if (!taken.has(ticketId(batch.id, rank))) yield rank;
}

async function attach({ issues }: Deps, { id, issueIds }: Ticket): Promise<void> {
  await allSettledOrThrow(...issueIds.map((issueId) => issues.attachTicket(issueId, id)));
}

/** Makes the Issues of the ticket's cascade wait for the ticket. */
async function link(deps: Deps, { id, cascade = [], openedAt }: Ticket): Promise<void> {
  const holdMs = deps.incident?.().holdMs ?? 0;
  await allSettledOrThrow(
    ...cascade.map((issueId) => deps.issues.waitFor(issueId, { ticketId: id, until: openedAt + holdMs })),
  );
}

function coveredBy({ issueIds, cascade = [] }: Ticket): string[] {
  return [...issueIds, ...cascade];
}

/** Where each Issue began, as far as distributed traces show. */
async function originsOf(deps: Deps, issues: readonly Issue[]): Promise<Map<string, Origin>> {
  const origins = new Map<string, Origin>();
  for (const { id } of issues) {
    const origin = originOf(await deps.issues.traceEvents(id));
    if (origin !== null) origins.set(id, origin);
  }
  return origins;
}

/** Maximum number of Issues of a service that are searched for a burst. */
const MAX_KNOWN = 1000;

/**
 * Splits the groups: those that get a ticket of their own, and those that wait for the ticket of a running incident.
 */
async function linked(
  deps: Deps,
  { project, service }: Batch,
  found: { groups: readonly TriageGroup[]; issues: readonly Issue[]; origins: ReadonlyMap<string, Origin> },
): Promise<Linked> {
  const rule = deps.incident?.();
  if (rule === undefined) return { groups: found.groups.map((group) => ({ ...group, cascade: [] })), joining: [] };
  const known = await deps.issues.list({ project, service, limit: MAX_KNOWN });
  const open = await deps.tickets.list({ service, open: true });
  const incidents = open.filter(({ cascade = [] }) => cascade.length > 0);
  const running = new Map(incidents.flatMap((ticket) => coveredBy(ticket).map((id) => [id, ticket.id])));
  return withIncidents(found.groups, { ...found, known, running, rule });
}

/** Adds Issues that came up in a burst after its ticket was opened: they wait for that ticket too. */
async function joinCascade(deps: Deps, ticketId: string, issues: readonly Issue[], said: Set<string>): Promise<void> {
  const ids = issues.map(({ id }) => id);
  const ticket = await changeTicket(deps, ticketId, ({ cascade = [] }) => ({
    cascade: [...new Set([...cascade, ...ids])],
  }));
  await link(deps, ticket);
  for (const issue of ids) await noteJoined(deps, ticketId, issue, said);
}

async function noteJoined({ audit }: Deps, ticketId: string, issue: string, said: Set<string>): Promise<void> {
  if (said.has(issue)) return;
  said.add(issue);
  await audit.append({ kind: "issue.joined", actor: "system", ticketId, facts: { issue } });
}

/** Audits an opened ticket once, also for a triage that was cut off after it opened the ticket. */
async function noteOpened(deps: Deps, ticket: Ticket, by?: string): Promise<void> {
  const entries = await deps.audit.list({ ticketId: ticket.id });
  if (entries.some(({ kind }) => kind === "ticket.opened")) return;
  const { service, severity, trustTier, corroborated, issueIds: issues, batchId: batch } = ticket;
  const linked = { cascade: ticket.cascade ?? [], origin: ticket.origin?.service ?? null };
  const facts = { service, severity, trustTier, corroborated, issues, batch, ...linked };
  await deps.audit.append({ kind: "ticket.opened", actor: by ?? deps.brain.name, ticketId: ticket.id, facts });
}

/** The Batch's Issues that no ticket covers: none of the Batch, and no other open one. */
async function unclaimed(
  deps: Deps,
  batch: Batch,
  own: ReadonlySet<string>,
  said: Set<string>,
): Promise<Issue[] | "overtaken"> {
  const free: Issue[] = [];
  const seen = new Set(own);
  for (const id of batch.issueIds.filter((issueId) => !own.has(issueId))) {
    const issue = await merged(deps, id);
    if (issue === null || seen.has(issue.id)) continue;
    seen.add(issue.id);
    if (await isSuppressed(deps, batch, issue, said)) continue;
    const ticketId = issue.ticketId ?? waitsFor(deps, issue);
    const ticket = ticketId === null ? null : await deps.tickets.get(ticketId);
    if (ticket === null || isClosed(ticket.state)) free.push(issue);
    else if (ticket.batchId !== batch.id) await noteJoined(deps, ticket.id, issue.id, said);
    else if (coveredBy(ticket).includes(issue.id)) return "overtaken";
    else free.push(issue);
  }
  return free;
}

/** The ticket of the cascade that the Issue came up in, while the Issue has to wait for it; null: it has not. */
function waitsFor(deps: Deps, { cascade }: Issue): string | null {
  return cascade && deps.clock.now() < cascade.until ? cascade.ticketId : null;
}

/** The Issue, or the one that it was merged into by a person after its window opened. */
async function merged(deps: Deps, id: string): Promise<Issue | null> {
  const issue = await deps.issues.get(id);
  return issue === null ? null : countedOn(issue, deps.issues.get);
}

/**
 * Whether the Issue was suppressed after its window opened. Nothing is lost: its next Event after the suppression
 * requests a run.
 */
async function isSuppressed(deps: Deps, batch: Batch, issue: Issue, said: Set<string>): Promise<boolean> {
  const found = await deps.suppressions.active(issue.id, deps.clock.now());
  if (found === null || said.has(issue.id)) return found !== null;
  said.add(issue.id);
  const facts = { issue: issue.id, batch: batch.id, suppression: found.id, until: found.expiresAt };
  await deps.audit.append({ kind: "issue.skipped", actor: "system", facts });
  return true;
}

/** The brain's view of an Issue. */
export async function viewOf(
  deps: Pick<Deps, "issues">,
  issue: Issue,
  index: number,
  now: number,
  traced: Origin | undefined,
): Promise<IssueView> {
  const sample = mostTrusted(await deps.issues.samples(issue.id, MAX_SAMPLES));
  const { trusted } = issue;
  const { level, unhandled, count, firstSeen } = trusted ?? issue;
  const minutes = Math.max(1, (now - firstSeen) / 60_000);
  const frames = sample?.exception.frames.filter((f) => f.inApp) ?? [];
  const origin = sample?.causes.at(-1)?.frames.find((f) => f.inApp);
  return {
    index,
    title: issue.title,
    culprit: issue.culprit,
    trusted: trusted !== undefined,
    level,
    unhandled,
    count,
    ratePerMinute: count / minutes,
    frames: frames.slice(0, 8).map((f) => `${f.file}:${f.function ?? "?"}`),
    innermost: sample?.causes.at(-1)?.type ?? sample?.exception.type ?? "",
    ...(origin !== undefined && { origin: `${origin.file}:${origin.function ?? "?"}` }),
    ...(traced !== undefined && traced.service !== issue.service && { originService: traced.service }),
  };
}

function newTicket(
  batch: Batch,
  rank: number,
  group: LinkedGroup,
  issues: readonly Issue[],
  now: number,
  tokens: number,
  origins: ReadonlyMap<string, Origin>,
): Ticket {
  const origin = issues.map(({ id }) => origins.get(id)).find((found) => found !== undefined);
  return {
    id: ticketId(batch.id, rank),
    project: batch.project,
    service: batch.service,
    title: group.title.slice(0, 512),
    severity: group.severity,
    state: "open",
    trustTier: issues.map((i) => i.trustTier).reduce(lowerTier, "T3"),
    corroborated: issues.every((i) => i.corroborated),
    issueIds: issues.map((i) => i.id),
    ...(group.cascade.length > 0 && { cascade: group.cascade.map((i) => i.id) }),
    ...(origin !== undefined && { origin }),
    batchId: batch.id,
    rootCause: group.rootCause.slice(0, 2000),
    openedAt: now,
    updatedAt: now,
    plan: null,
    attempts: [],
    patch: null,
    evidence: null,
    review: null,
    gate: null,
    approval: null,
    decisions: [],
    deploymentId: null,
    reason: "",
    tokens,
    closedAt: null,
  };
}

function rankOf(group: TriageGroup): number {
  return Severity.options.indexOf(group.severity);
}

/** Orders a Batch's ticket ids by the rank that they derive from. */
function byRank(batch: Batch): (a: string, b: string) => number {
  const ranks = new Map(batch.issueIds.map((_, rank) => [ticketId(batch.id, rank), rank]));
  return (a, b) => (ranks.get(a) ?? 0) - (ranks.get(b) ?? 0);
}
