import { createHash } from "node:crypto";
import { z } from "zod";
import { Grade } from "./evidence.ts";

/**
 * outside: the network, the machine, the installation. thirdParty: a package's own code. notOurs: no frame of this
 * repository. language: nothing here can repair it. intended: the code throws it on purpose.
 */
export const AbstentionKind = z.enum(["outside", "thirdParty", "notOurs", "language", "intended"]);
export type AbstentionKind = z.infer<typeof AbstentionKind>;

/** What to do about a root cause. `abstain` says why, and what would change its mind. */
export const Plan = z.object({
  action: z.enum(["fix", "abstain"]),
  /** In one or two sentences, for people. */
  rootCause: z.string().max(2000),
  /** Repository-relative files the coder may change, most likely first. Every one exists at the base. */
  files: z.array(z.string()).max(20),
  /** Where it crashed: the in-repository frames, newest first. */
  places: z.array(
    z.object({
      file: z.string(),
      line: z.number().int().nonnegative(),
      column: z.number().int().nonnegative().optional(),
      function: z.string().optional(),
    }),
  ),
  /** Commits that may have introduced it, most suspicious first. */
  culprits: z.array(
    z.object({
      commit: z.string(),
      subject: z.string(),
      why: z.string(),
      /** 0 to 100; absent: named by a model. */
      score: z.number().min(0).max(100).optional(),
    }),
  ),
  /** The commit whose taking back may be the whole repair. `first`: before anything else is tried. */
  revert: z.object({ commit: z.string(), subject: z.string(), first: z.boolean() }).optional(),
  /** What an abstention is about. */
  kind: AbstentionKind.optional(),
  by: z.string(),
  reason: z.string().max(2000),
  wouldChangeMind: z.string().max(1000).optional(),
});
export type Plan = z.infer<typeof Plan>;

/** A diff bound to a base commit, and its own digest. The diff's bytes are a blob under that digest. */
export const Patch = z.object({
  digest: z.string().regex(/^[0-9a-f]{64}$/),
  baseCommit: z.string(),
  files: z.array(z.string()),
  addedLines: z.number().int().nonnegative(),
  removedLines: z.number().int().nonnegative(),
  /** Who wrote it: `rules:<template>`, `model:<name>`, `person:<who>`. */
  by: z.string(),
  explanation: z.string().max(4000),
  /** Digest of the diff without the regression test that goes with it: by it a change is known again. */
  changeDigest: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional(),
});
export type Patch = z.infer<typeof Patch>;

/** A Patch as a commit on a branch of its own in the service's repository, there before anybody is asked about it. */
export const PreparedPatch = z.object({
  patchDigest: z.string(),
  baseCommit: z.string(),
  branch: z.string(),
  commit: z.string(),
  /** The blob of the commit's message: with it, whoever deploys the Patch gets this very commit. */
  message: z.string(),
});
export type PreparedPatch = z.infer<typeof PreparedPatch>;

/** What a person committed of a Patch that was proposed to them, by their own word and by what was seen on the branch. */
export const AppliedPatch = z.object({
  commit: z.string(),
  by: z.string(),
  at: z.number(),
  /** Whether it changes the Patch's files as proposed. */
  as: z.enum(["proposed", "edited"]),
  /** The blob of their own diff of these files. */
  diffDigest: z.string(),
  /** When it was first seen in production; null: not yet. */
  seenLiveAt: z.number().nullable(),
});
export type AppliedPatch = z.infer<typeof AppliedPatch>;

/** One coder ⇄ tester round. */
export const Attempt = z.object({
  number: z.number().int().positive(),
  patch: Patch.nullable(),
  /** Why there is no patch, or what the tester saw. */
  outcome: z.string(),
  grade: Grade,
  /** Candidates that were tried and turned down, in words. */
  rejected: z.array(z.string()),
  tokens: z.number().int().nonnegative(),
});
export type Attempt = z.infer<typeof Attempt>;

/** The digest a diff is known by: SHA-256 of its bytes, lower-case hex. The blob store uses the same. */
export function digestOf(content: string): string {
  return createHash("sha256").update(content, "utf8").digest("hex");
}

/** Reads files and line counts out of a unified diff (`git diff` form). */
export function describeDiff(diff: string): { files: string[]; addedLines: number; removedLines: number } {
  const files = new Set<string>();
  let addedLines = 0;
  let removedLines = 0;
  let inHunk = false;
  for (const line of diff.split("\n")) {
    if (line.startsWith("diff --git ")) {
      inHunk = false;
      const match = /^diff --git a\/(.+) b\/(.+)$/.exec(line);
      if (match?.[2] !== undefined) files.add(match[2]);
      if (match?.[1] !== undefined) files.add(match[1]);
    } else if (line.startsWith("@@")) inHunk = true;
    else if (inHunk && line.startsWith("+")) addedLines += 1;
    else if (inHunk && line.startsWith("-")) removedLines += 1;
  }
  return { files: [...files], addedLines, removedLines };
}

/** What a Plan is known by in the audit log. */
export function planDigest(plan: Plan | null): string | null {
  return plan === null ? null : digestOf(JSON.stringify(plan));
}
