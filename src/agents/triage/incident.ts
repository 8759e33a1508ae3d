import type { Issue } from "../../domain/issue.ts";
import { burstsOf, type IncidentRule } from "../../domain/issueBursts.ts";
import type { Origin } from "../../domain/trace.ts";
import type { TriageGroup } from "./contract.ts";
import { rankOf } from "./rules.ts";

/** A group, and the Issues that wait for its ticket. */
export interface LinkedGroup extends TriageGroup {
  /**
   * Issues of the cascade. They are no part of the root cause, so that a fix is not blamed for what it was not made
   * for.
   */
  cascade: readonly Issue[];
}

/** What is known when the groups of a Batch are linked. */
export interface IncidentFacts {
  /** The Batch's Issues that no ticket covers; the indices in groups refer to these. */
  issues: readonly Issue[];
  /** All Issues of the service, those of the Batch included. */
  known: readonly Issue[];
  /** Open tickets of incidents, by the Issues that they cover and those that wait for them. */
  running: ReadonlyMap<string, string>;
  /** By Issue; absent: not known. */
  origins: ReadonlyMap<string, Origin>;
  rule: IncidentRule;
}

/** The groups after linking. */
export interface Linked {
  /** Each gets a ticket of its own. */
  groups: LinkedGroup[];
  /** Issues of a burst that has a ticket already. */
  joining: { ticketId: string; issues: readonly Issue[] }[];
}

/**
 * Links the groups that began in one burst: one of them leads and gets the ticket, and the others wait for that ticket.
 * The lead is the group that traces name as the origin, else the one that was first seen. Groups that are not wholly in
 * a burst are left as they are. A burst has new Issues only: an Issue that was in an incident before, or had a ticket,
 * is judged by itself.
 */
export function withIncidents(groups: readonly TriageGroup[], facts: IncidentFacts): Linked {
  const { issues, known, running, rule } = facts;
  const bursts = burstsOf(known, rule);
  const burstOf = (group: TriageGroup): Issue[] | undefined =>
    bursts.find((burst) =>
      group.issues.every((index) => {
        const issue = issues[index];
        return issue !== undefined && isNew(issue) && burst.some(({ id }) => id === issue.id);
      }),
    );
  const found: Linked = { groups: [], joining: [] };
  for (const group of groups) if (burstOf(group) === undefined) found.groups.push({ ...group, cascade: [] });
  for (const burst of bursts) {
    const members = groups.filter((group) => burstOf(group) === burst);
    const ticketId = burst.map(({ id }) => running.get(id)).find((id) => id !== undefined);
    if (members.length === 0) continue;
    if (ticketId === undefined) found.groups.push(leadOf(members, burst, facts));
    else found.joining.push({ ticketId, issues: members.flatMap((group) => issuesOf(group, issues)) });
  }
  return found;
}

function issuesOf(group: TriageGroup, issues: readonly Issue[]): Issue[] {
  return group.issues.flatMap((index) => issues[index] ?? []);
}

function leadOf(groups: readonly TriageGroup[], burst: readonly Issue[], facts: IncidentFacts): LinkedGroup {
  const { issues, origins } = facts;
  const ids = new Map(groups.map((group) => [group, issuesOf(group, issues).map(({ id }) => id)]));
  const named = (group: TriageGroup) =>
    [...origins.values()].filter(({ issueId }) => ids.get(group)?.includes(issueId)).length;
  const place = (group: TriageGroup) =>
    Math.min(...burst.map(({ id }, i) => (ids.get(group)?.includes(id) ? i : burst.length)));
  const [lead, ...others] = groups.toSorted((a, b) => named(b) - named(a) || place(a) - place(b));
  if (lead === undefined) throw new Error("an incident has at least one group");
  if (others.length === 0) return { ...lead, cascade: [] };
  const cascade = others.flatMap((group) => issuesOf(group, issues));
  const [worst = lead] = groups.toSorted((a, b) => rankOf(a.severity) - rankOf(b.severity));
  const words = `one incident: ${cascade.length} more problems came up with it, and wait for this ticket`;
  return { ...lead, severity: worst.severity, rootCause: `${lead.rootCause} (${words})`, cascade };
}

/** Whether the Issue has no ticket and waits for none. */
function isNew({ ticketId, cascade }: Issue): boolean {
  return ticketId === null && !cascade;
}
