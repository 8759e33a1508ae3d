import { z } from "zod";
import type { Fingerprint, Issue } from "./issue.ts";

/**
 * A grouping rule that a person set for single Issues. `merge`: Events of this family count on another Issue. `split`:
 * Events of this family with this strict hash get an Issue of their own. The rule applies until it is undone.
 */
export const TaughtRule = z.object({
  /** Derived from the content: the same rule given twice is one rule. */
  id: z.string().min(1).max(64),
  kind: z.enum(["merge", "split"]),
  project: z.string(),
  service: z.string(),
  /** The family of the Events that the rule applies to. */
  family: z.string().min(1).max(64),
  /** The strict hash that the rule applies to. null for `merge`: every variant. */
  strict: z.string().min(1).max(64).nullable(),
  /** The family that these Events get. */
  into: z.string().min(1).max(64),
  /** The families of previous algorithms for `into`; the Issue may be stored under one of them. */
  intoFormer: z.array(z.string().max(64)).max(4),
  /** The Issue that was merged or split, and the Issue that now counts its Events. */
  issueId: z.string(),
  intoIssueId: z.string(),
  by: z.string().max(128),
  at: z.number(),
  reason: z.string().max(500),
  /** When the rule was undone, in milliseconds since the epoch; null: it applies. */
  undoneAt: z.number().nullable(),
  /** Whether the tickets of both Issues have been updated. */
  settled: z.boolean(),
});
export type TaughtRule = z.infer<typeof TaughtRule>;

/** Store of the rules that people set. */
export interface TaughtRules {
  /** The active rules of a service. Reads nothing from disk. */
  holding(project: string, service: string): readonly TaughtRule[];
  get(id: string): TaughtRule | null;
  /** Newest first, including rules that were undone. */
  list(filter?: { issueId?: string; limit?: number }): Promise<TaughtRule[]>;
  /**
   * One transaction: activates the rule, and records on a merged Issue which Issue counts its Events. The same id again
   * reactivates the rule.
   */
  add(rule: TaughtRule): Promise<void>;
  /**
   * One transaction: restores the merged Issue with that ticket (null: none) and makes its next Event start a Run. Does
   * nothing if the rule is not active.
   */
  undo(id: string, at: number, ticketId: string | null): Promise<void>;
  /** Marks that the tickets of the rule have been updated. */
  settle(id: string): Promise<void>;
}

/** The rule in words, for the `why` of a Fingerprint. */
export function taughtWords({ kind, by, issueId }: TaughtRule): string {
  return kind === "merge" ? `issue ${issueId} merged by ${by}` : `split from issue ${issueId} by ${by}`;
}

/**
 * Applies people's rules to a Fingerprint. A split takes precedence over a merge, and a newer rule over an older one.
 * Chains of merges are followed; if rules form a cycle, the smallest family in it is used. Pure and idempotent; the
 * order of the rules does not matter.
 */
export function taught(print: Fingerprint, rules: readonly TaughtRule[]): Fingerprint {
  if (rules.length === 0) return print;
  const path: { family: string; rule: TaughtRule | null }[] = [{ family: print.family, rule: null }];
  for (let keys = [print.family, ...(print.former ?? [])]; ; ) {
    const rule = ruleFor(keys, print.strict, rules);
    if (rule === null) break;
    const seen = path.findIndex(({ family }) => family === rule.into);
    if (seen >= 0) {
      const circle = path.slice(seen).toSorted((a, b) => (a.family < b.family ? -1 : 1));
      path.push(circle[0] ?? { family: rule.into, rule });
      break;
    }
    path.push({ family: rule.into, rule });
    keys = [rule.into, ...rule.intoFormer];
  }
  const last = path.at(-1);
  if (last === undefined || last.family === print.family) return print;
  const { former: _none, ...rest } = print;
  const former = last.rule?.intoFormer ?? [];
  const words = path.flatMap(({ rule }) => (rule === null ? [] : [taughtWords(rule)]));
  return {
    ...rest,
    family: last.family,
    why: [print.why.slice(0, 400), ...new Set(words)].join(" | ").slice(0, 512),
    ...(former.length > 0 && { former: [...former] }),
  };
}

function ruleFor(keys: readonly string[], strict: string, rules: readonly TaughtRule[]): TaughtRule | null {
  for (const kind of ["split", "merge"] as const) {
    for (const family of keys) {
      const [newest] = rules
        .filter((rule) => rule.kind === kind && rule.family === family && rule.into !== family)
        .filter((rule) => rule.strict === null || rule.strict === strict)
        .toSorted((a, b) => b.at - a.at || (a.id < b.id ? -1 : 1));
      if (newest !== undefined) return newest;
    }
  }
  return null;
}

/** One variant of an Issue, as far as stored Events show it. */
export const IssueVariant = z.object({
  strict: z.string(),
  /** Number of stored Events. */
  events: z.number(),
  /** The newest of these Events. */
  eventId: z.string(),
  title: z.string(),
  culprit: z.string(),
});
export type IssueVariant = z.infer<typeof IssueVariant>;

/** Why a merge, a split or an undo was refused. Nothing was changed. */
export interface MergeRefusal {
  code: "issueNotFound" | "eventNotFound" | "ruleNotFound" | "sameIssue" | "otherService" | "busy" | "watched";
  message: string;
}

/** The result of a merge, a split or an undo. */
export type MergeResult =
  /** `notes`: what changed on tickets. */
  { kind: "done"; rules: TaughtRule[]; issueId: string; notes: string[] } | { kind: "refused"; refusal: MergeRefusal };

/** Merges and splits of Issues by people. Each is audited with the person's name, and can be undone. */
export interface MergeAndSplit {
  /** From now on, Events of the first Issue count on the second. */
  merge(issueId: string, intoId: string, who: { by: string; reason: string }): Promise<MergeResult>;
  /** From now on, Events like this Event, or with this strict hash, get an Issue of their own. */
  split(
    issueId: string,
    which: { eventId: string } | { strict: string },
    who: { by: string; reason: string },
  ): Promise<MergeResult>;
  undo(ruleId: string, by: string): Promise<MergeResult>;
  variants(issueId: string): Promise<IssueVariant[]>;
  /** Updates tickets for rules that were stored just before the process ended. */
  settle(): Promise<void>;
}

/** The Issue that counts the Events of `issue` now. Follows merges. */
export async function countedOn(issue: Issue, get: (id: string) => Promise<Issue | null>): Promise<Issue> {
  const seen = new Set([issue.id]);
  let current = issue;
  while (current.mergedInto) {
    const next = await get(current.mergedInto);
    if (next === null || seen.has(next.id)) break;
    seen.add(next.id);
    current = next;
  }
  return current;
}
