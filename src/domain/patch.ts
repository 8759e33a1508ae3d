import { createHash } from "node:crypto";
import { z } from "zod";
import { Grade } from "./evidence.ts";

/**
 * Why selfheal abstains. outside: the cause is the network, the machine or the installation. thirdParty: the code of a
 * package. notOurs: no frame is in this repository. language: no repair exists for this language. intended: the code
 * throws the exception on purpose.
 */
export const AbstentionKind = z.enum(["outside", "thirdParty", "notOurs", "language", "intended"]);
export type AbstentionKind = z.infer<typeof AbstentionKind>;

/** What to do about a root cause. A Plan that abstains gives its reason, and what would change the decision. */
export const Plan = z.object({
  action: z.enum(["fix", "abstain"]),
  /** One or two sentences for people. */
  rootCause: z.string().max(2000),
  /** Files that the coder may change, relative to the repository, most likely first. Each one exists at the base. */
  files: z.array(z.string()).max(20),
  /** Where the exception happened: the frames inside the repository, newest first. */
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
      /** 0 to 100; absent if a model named the commit. */
      score: z.number().min(0).max(100).optional(),
    }),
  ),
  /** A commit whose revert may be the whole repair. `first`: try the revert before anything else. */
  revert: z.object({ commit: z.string(), subject: z.string(), first: z.boolean() }).optional(),
  /** Why the Plan abstains. */
  kind: AbstentionKind.optional(),
  by: z.string(),
  reason: z.string().max(2000),
  wouldChangeMind: z.string().max(1000).optional(),
});
export type Plan = z.infer<typeof Plan>;

/** A diff bound to a base commit and to its own digest. The blob store keeps the diff under that digest. */
export const Patch = z.object({
  digest: z.string().regex(/^[0-9a-f]{64}$/),
  baseCommit: z.string(),
  files: z.array(z.string()),
  addedLines: z.number().int().nonnegative(),
  removedLines: z.number().int().nonnegative(),
  /** Who wrote it: `rules:<template>`, `model:<name>`, `person:<who>`. */
  by: z.string(),
  explanation: z.string().max(4000),
  /** Digest of the diff without its regression test. It identifies the same change in a later Patch. */
  changeDigest: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional(),
});
export type Patch = z.infer<typeof Patch>;

/** A Patch as a commit on its own branch in the service's repository. It is published before a person is asked. */
export const PreparedPatch = z.object({
  patchDigest: z.string(),
  baseCommit: z.string(),
  branch: z.string(),
  commit: z.string(),
  /** Digest of the blob with the commit message. With it, a deployment of the Patch creates exactly this commit. */
  message: z.string(),
});
export type PreparedPatch = z.infer<typeof PreparedPatch>;

/** What a person committed of a proposed Patch, as the person reported it and as it was found on the branch. */
export const AppliedPatch = z.object({
  commit: z.string(),
  by: z.string(),
  at: z.number(),
  /** Whether the commit changes the Patch's files as proposed or differently. */
  as: z.enum(["proposed", "edited"]),
  /** Digest of the blob with the person's diff of these files. */
  diffDigest: z.string(),
  /** When the commit was first seen in production; null: not yet. */
  seenLiveAt: z.number().nullable(),
});
export type AppliedPatch = z.infer<typeof AppliedPatch>;

/** One pass through coder and tester. */
export const Attempt = z.object({
  number: z.number().int().positive(),
  patch: Patch.nullable(),
  /** Why there is no Patch, or what the tester observed. */
  outcome: z.string(),
  grade: Grade,
  /** Descriptions of candidates that the coder rejected. */
  rejected: z.array(z.string()),
  tokens: z.number().int().nonnegative(),
});
export type Attempt = z.infer<typeof Attempt>;

/** SHA-256 of a text's UTF-8 bytes in lower-case hex. It identifies a diff, and is the key of the blob store. */
export function digestOf(content: string): string {
  return createHash("sha256").update(content, "utf8").digest("hex");
}

/** Parses the files and line counts of a unified diff in the form of `git diff`. */
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

/** The digest by which the audit log identifies a Plan; null for no Plan. */
export function planDigest(plan: Plan | null): string | null {
  return plan === null ? null : digestOf(JSON.stringify(plan));
}
