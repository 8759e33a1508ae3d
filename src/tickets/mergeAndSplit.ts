import { allSettledOrThrow } from "../domain/allSettledOrThrow.ts";
import type { CapturedEvent } from "../domain/event.ts";
import type { Fingerprint, Issue } from "../domain/issue.ts";
import { digestOf } from "../domain/patch.ts";
import {
  countedOn,
  type IssueVariant,
  type MergeAndSplit,
  type MergeRefusal,
  type MergeResult,
  type TaughtRule,
  type TaughtRules,
} from "../domain/taughtRule.ts";
import type { TicketDeps } from "./deps.ts";
import { dropFromSharedTicket, mergeRefusal, mergeTickets, previousTicketId } from "./mergeTickets.ts";

export type MergeAndSplitDeps = Pick<TicketDeps, "tickets" | "issues" | "audit" | "clock"> & {
  taughtRules: TaughtRules;
  /** The Fingerprint of the Event alone, before the rules that people taught. */
  fingerprintOf: (event: CapturedEvent) => Fingerprint;
  issueIdOf: (project: string, service: string, fingerprint: Fingerprint) => string;
};

/** Limit of the kept Events that are read for an Issue's variants. All of them are read, since few are kept. */
const MAX_SAMPLES = 100;

interface Who {
  by: string;
  reason: string;
}

/**
 * Merge and split by people. The rule and the Issues change in one commit, then the tickets are brought in line; if the
 * process ends in between, `settle` does that at the next start. Events that were counted stay on the Issue that
 * counted them.
 */
export function createMergeAndSplit(deps: MergeAndSplitDeps): MergeAndSplit {
  return {
    merge: (issueId, intoId, who) => merge(deps, issueId, intoId, who),
    split: (issueId, which, who) => split(deps, issueId, which, who),
    undo: (ruleId, by) => undo(deps, ruleId, by),
    variants: (issueId) => variantsOf(deps, issueId),
    settle: async () => {
      for (const rule of (await deps.taughtRules.list({ limit: -1 })).filter(({ settled }) => !settled))
        if (rule.undoneAt === null) await settled(deps, rule);
    },
  };
}

async function merge(deps: MergeAndSplitDeps, issueId: string, intoId: string, who: Who): Promise<MergeResult> {
  const [from, into] = [await current(deps, issueId), await current(deps, intoId)];
  if (from === null || into === null) return noIssue(from === null ? issueId : intoId);
  const given = await deps.issues.get(issueId);
  if (from.id === into.id && given?.id === into.id)
    return refused({ code: "sameIssue", message: "An issue cannot be merged into itself." });
  // The Issues are merged already: nothing changes.
  if (from.id === into.id) return { kind: "done", rules: [], issueId: into.id, notes: ["It was merged before."] };
  if (from.project !== into.project || from.service !== into.service) {
    const message = `${from.project}/${from.service} and ${into.project}/${into.service}: only issues of one service can be merged.`;
    return refused({ code: "otherService", message });
  }
  const refusal = await mergeRefusal(deps, from.id, into.id);
  if (refusal !== null) return refused(refusal);
  const { family } = from.fingerprint;
  const target = { into: into.fingerprint.family, intoFormer: into.fingerprint.former ?? [] };
  const rule = newRule(deps, who, { ...placeOf(from, into), kind: "merge", family, strict: null, ...target });
  // A merge that puts a split-off Issue back undoes the rule of that split.
  const splits = deps.taughtRules
    .holding(from.project, from.service)
    .filter((one) => one.kind === "split" && one.into === family && one.family === target.into);
  for (const one of splits) await undo(deps, one.id, who.by);
  await keep(deps, rule);
  return { kind: "done", rules: [rule], issueId: into.id, notes: await settled(deps, rule) };
}

async function split(
  deps: MergeAndSplitDeps,
  issueId: string,
  which: { eventId: string } | { strict: string },
  who: Who,
): Promise<MergeResult> {
  const issue = await current(deps, issueId);
  if (issue === null) return noIssue(issueId);
  const prints = (await deps.issues.samples(issue.id, MAX_SAMPLES))
    .map((event) => ({ event, print: deps.fingerprintOf(event) }))
    .filter(({ event, print }) => ("eventId" in which ? event.id === which.eventId : print.strict === which.strict));
  const families = [...new Map(prints.map(({ print }) => [print.family, print])).values()];
  if (families.length === 0) {
    const what = "eventId" in which ? `event ${which.eventId}` : `event of variant ${which.strict}`;
    const message = `No ${what} of issue ${issue.id} is kept: selfheal issues show ${issue.id}`;
    return refused({ code: "eventNotFound", message });
  }
  const rules = families.map(({ family, strict }) => {
    const into = digestOf(JSON.stringify(["split", family, strict])).slice(0, 32);
    const { project, service } = issue;
    const intoIssueId = deps.issueIdOf(project, service, { ...issue.fingerprint, family: into, former: [] });
    const place = { project, service, issueId: issue.id, intoIssueId };
    return newRule(deps, who, { ...place, kind: "split", family, strict, into, intoFormer: [], settled: true });
  });
  for (const rule of rules) await keep(deps, rule);
  return { kind: "done", rules, issueId: rules[0]?.intoIssueId ?? issue.id, notes: [] };
}

async function undo(deps: MergeAndSplitDeps, ruleId: string, by: string): Promise<MergeResult> {
  const rule = deps.taughtRules.get(ruleId);
  if (rule === null) return refused({ code: "ruleNotFound", message: `There is no rule ${ruleId}.` });
  if (rule.undoneAt !== null)
    return { kind: "done", rules: [rule], issueId: rule.issueId, notes: ["It was undone before."] };
  const facts = { rule: rule.id, kind: rule.kind, issue: rule.issueId, into: rule.intoIssueId };
  await allSettledOrThrow(
    deps.taughtRules.undo(rule.id, deps.clock.now(), await previousTicketId(deps, rule)),
    deps.audit.append({ kind: "issue.regrouped", actor: `person:${by}`, facts }),
  );
  const after = deps.taughtRules.get(ruleId) ?? rule;
  const notes = rule.kind === "merge" ? await dropFromSharedTicket(deps, rule) : [];
  return { kind: "done", rules: [after], issueId: rule.issueId, notes };
}

async function variantsOf(deps: MergeAndSplitDeps, issueId: string): Promise<IssueVariant[]> {
  const variants = new Map<string, IssueVariant>();
  for (const event of await deps.issues.samples(issueId, MAX_SAMPLES)) {
    const { strict } = deps.fingerprintOf(event);
    const { type, value, frames } = event.exception;
    const top = frames.find(({ inApp }) => inApp) ?? frames[0];
    const culprit = top === undefined ? "" : `${top.function ?? "<anonymous>"} (${top.file})`;
    const title = `${type}: ${value.split("\n", 1)[0] ?? ""}`.slice(0, 200);
    const before = variants.get(strict) ?? { strict, events: 0, eventId: event.id, title, culprit };
    variants.set(strict, { ...before, events: before.events + 1 });
  }
  return [...variants.values()];
}

/** Stores the rule and its audit entry in one commit. */
async function keep(deps: MergeAndSplitDeps, rule: TaughtRule): Promise<void> {
  const { kind, by, id, issueId, intoIssueId, strict } = rule;
  const facts = { rule: id, issue: issueId, into: intoIssueId, strict, reason: rule.reason };
  await allSettledOrThrow(
    deps.taughtRules.add(rule),
    deps.audit.append({ kind: kind === "merge" ? "issue.merged" : "issue.split", actor: `person:${by}`, facts }),
  );
}

/** Brings the tickets of a merge in line and marks the rule as settled. Returns what was done, in words. */
async function settled(deps: MergeAndSplitDeps, rule: TaughtRule): Promise<string[]> {
  const notes = rule.kind === "merge" ? await mergeTickets(deps, rule) : [];
  await deps.taughtRules.settle(rule.id);
  return notes;
}

function newRule(
  deps: MergeAndSplitDeps,
  who: Who,
  what: Omit<TaughtRule, "id" | "by" | "at" | "reason" | "undoneAt" | "settled"> & { settled?: boolean },
): TaughtRule {
  const { kind, project, service, family, strict, into } = what;
  const id = digestOf(JSON.stringify([kind, project, service, family, strict, into])).slice(0, 16);
  const at = deps.clock.now();
  return { settled: false, ...what, id, by: who.by, at, reason: who.reason.slice(0, 500), undoneAt: null };
}

function placeOf(from: Issue, into: Issue) {
  return { project: from.project, service: from.service, issueId: from.id, intoIssueId: into.id };
}

/** The Issue that counts this Issue's Events now; null: there is no such Issue. */
async function current(deps: MergeAndSplitDeps, id: string): Promise<Issue | null> {
  const issue = await deps.issues.get(id);
  return issue === null ? null : countedOn(issue, deps.issues.get);
}

function refused(refusal: MergeRefusal): MergeResult {
  return { kind: "refused", refusal };
}

function noIssue(id: string): MergeResult {
  return refused({ code: "issueNotFound", message: `There is no issue ${id}.` });
}
