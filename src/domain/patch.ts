import { createHash } from "node:crypto";
import { z } from "zod";
import { Grade } from "./evidence.ts";

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
