import { z } from "zod";
import { TrustTier } from "./event.ts";
import { digestOf } from "./patch.ts";

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
  /**
   * Those of `files` that a program did not find from the frames: neither on the stack, nor a caller or an import of a
   * file there. A model asked for them, so a person must approve what is changed.
   */
  beyondFrames: z.array(z.string()).max(20).optional(),
  /** The trust tier of the Event that the Plan was made from. Absent in old Plans: it counts as T0. */
  trustTier: TrustTier.optional(),
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

/** The digest by which the audit log identifies a Plan; null for no Plan. */
export function planDigest(plan: Plan | null): string | null {
  return plan === null ? null : digestOf(JSON.stringify(plan));
}
