import { z } from "zod";

/**
 * How the exception is made to happen again. command: the service's own `reproduceCommand`; request: the captured request
 * against the app's handler; call: the crashing function called directly; modelTest: a test that a model wrote.
 */
export const ReproductionKind = z.enum(["command", "request", "call", "modelTest"]);
export type ReproductionKind = z.infer<typeof ReproductionKind>;

/** Where its input is from. captured: the Event; constructed: made up until this exception at this place appeared, so weaker. */
export const ReproductionOrigin = z.enum(["captured", "constructed"]);
export type ReproductionOrigin = z.infer<typeof ReproductionOrigin>;

/** A regression test of selfheal's own, or the service's command. It counts only as far as the tester observed it. */
export const Reproduction = z.object({
  kind: ReproductionKind,
  origin: ReproductionOrigin,
  /** Repository-relative path of the test file, new in the Patch, and the digest of the blob with its text; null for a command. */
  test: z
    .object({
      path: z.string(),
      digest: z.string().regex(/^[0-9a-f]{64}$/),
      title: z.string(),
      /** Digest of the blob with what it was written from; null: it stays as it is. */
      recipe: z
        .string()
        .regex(/^[0-9a-f]{64}$/)
        .nullable(),
    })
    .nullable(),
  /** Runs just it, through `sh -c` in the service's root. */
  command: z.string(),
  /** The base it was tried on, and what was seen there. */
  baseCommit: z.string(),
  seen: z.string().max(500),
  /** The Event it is of. */
  eventId: z.string(),
  /** Who wrote it, where that was a model: `model:<name>@<version of its prompt>`. */
  by: z.string().max(200).optional(),
});
export type Reproduction = z.infer<typeof Reproduction>;

/** A regression test with its text, ready to be put into a tree. */
export interface RegressionTest {
  kind: Exclude<ReproductionKind, "command">;
  origin: ReproductionOrigin;
  path: string;
  /** As the test runner prints it; where it is missing in the output, the failure came from before the test. */
  title: string;
  content: string;
  command: string;
  /** What it was written from, as JSON; null for one that was not written from parts. */
  recipe: string | null;
  /** The model that wrote it, with the version of its prompt. */
  by?: string;
}
