import { z } from "zod";
import type { Fingerprint, Issue } from "./issue.ts";

/**
 * A person's word on single Issues, which stays: `merge`: Events of this family are those of another; `split`: Events of this
 * family with this strict hash are an Issue of their own.
 */
export const TaughtRule = z.object({
  /** Derived from what it says: the same said twice is one rule. */
  id: z.string().min(1).max(64),
  kind: z.enum(["merge", "split"]),
  project: z.string(),
  service: z.string(),
  /** Of the Events that it is about. */
  family: z.string().min(1).max(64),
  /** Null for `merge`: every variant. */
  strict: z.string().min(1).max(64).nullable(),
  /** The family that they get… */
  into: z.string().min(1).max(64),
  /** …with its families of former algorithms, by which its Issue may be known. */
  intoFormer: z.array(z.string().max(64)).max(4),
  /** The Issue that was merged or split, and the one that its Events are counted on. */
  issueId: z.string(),
  intoIssueId: z.string(),
  by: z.string().max(128),
  at: z.number(),
  reason: z.string().max(500),
  /** Milliseconds since the epoch; null: it holds. */
  undoneAt: z.number().nullable(),
  /** Whether the tickets of both were put in order. */
  settled: z.boolean(),
});
export type TaughtRule = z.infer<typeof TaughtRule>;

/** The rules that people taught. */
export interface TaughtRules {
  /** Those of a service that hold. Costs no read of the disk. */
  holding(project: string, service: string): readonly TaughtRule[];
  get(id: string): TaughtRule | null;
  /** Newest first; those that were undone too. */
  list(filter?: { issueId?: string; limit?: number }): Promise<TaughtRule[]>;
  /** One transaction: the rule holds, and a merged Issue says into which. The same id again makes it hold again. */
  add(rule: TaughtRule): Promise<void>;
  /**
   * One transaction: what was merged is an Issue again, of that ticket (null: none), and calls for a run. Does nothing where
   * the rule does not hold.
   */
  undo(id: string, at: number, ticketId: string | null): Promise<void>;
  settle(id: string): Promise<void>;
}

/** In words, for the reason of a Fingerprint. */
export function taughtWords({ kind, by, issueId }: TaughtRule): string {
  return kind === "merge" ? `issue ${issueId} merged by ${by}` : `split from issue ${issueId} by ${by}`;
}

/**
 * The Fingerprint as people taught it. A split counts before a merge, the newer rule before the older; merges of merges are
 * followed. Pure; doing it again changes nothing, and the order of the rules does not matter. Of rules that lead in a circle
 * the least family is taken.
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

/** One variant of an Issue, as far as its kept Events tell. */
export const IssueVariant = z.object({
  strict: z.string(),
  /** Of kept Events. */
  events: z.number(),
  /** The newest of them. */
  eventId: z.string(),
  title: z.string(),
  culprit: z.string(),
});
export type IssueVariant = z.infer<typeof IssueVariant>;

/** Why Issues are not merged or split; nothing was changed. */
export interface MergeRefusal {
  code: "issueNotFound" | "eventNotFound" | "ruleNotFound" | "sameIssue" | "otherService" | "busy" | "watched";
  message: string;
}

export type MergeResult =
  /** `notes`: what became of tickets. */
  { kind: "done"; rules: TaughtRule[]; issueId: string; notes: string[] } | { kind: "refused"; refusal: MergeRefusal };

/** What people do with Issues. Each is audited with who did it, and can be undone. */
export interface MergeAndSplit {
  /** Events of the one are counted on the other from now on. */
  merge(issueId: string, intoId: string, who: { by: string; reason: string }): Promise<MergeResult>;
  /** Events like one Event, or of one strict hash, are an Issue of their own from now on. */
  split(
    issueId: string,
    which: { eventId: string } | { strict: string },
    who: { by: string; reason: string },
  ): Promise<MergeResult>;
  undo(ruleId: string, by: string): Promise<MergeResult>;
  variants(issueId: string): Promise<IssueVariant[]>;
  /** Puts tickets in order for what was said just before the process ended. */
  settle(): Promise<void>;
}

/** The Issue that its Events are counted on now: follows merges. */
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
