import { z } from "zod";
import { TrustTier } from "./event.ts";

/**
 * How the exception is reproduced. command: the service's own `reproduceCommand`. request: the captured request is sent
 * to the app's handler. call: the crashing function is called directly. modelTest: a test that a model wrote.
 */
export const ReproductionKind = z.enum(["command", "request", "call", "modelTest"]);
export type ReproductionKind = z.infer<typeof ReproductionKind>;

/**
 * Where the input is from. captured: from the Event. constructed: generated until this exception appeared at this
 * location, which is weaker Evidence.
 */
export const ReproductionOrigin = z.enum(["captured", "constructed"]);
export type ReproductionOrigin = z.infer<typeof ReproductionOrigin>;

/**
 * A regression test that selfheal wrote, or the service's command. It counts only after the tester has observed its
 * result.
 */
export const Reproduction = z.object({
  kind: ReproductionKind,
  origin: ReproductionOrigin,
  /**
   * The test file: its path relative to the repository (the Patch adds the file), and the digest of the blob with its
   * text. null for a command.
   */
  test: z
    .object({
      path: z.string(),
      digest: z.string().regex(/^[0-9a-f]{64}$/),
      title: z.string(),
      /**
       * Digest of the blob with the parts from which the test was written; null: the test was not written from parts
       * and is not changed.
       */
      recipe: z
        .string()
        .regex(/^[0-9a-f]{64}$/)
        .nullable(),
    })
    .nullable(),
  /** Runs only this test, through `sh -c` in the service's root. */
  command: z.string(),
  /** The base commit on which it was tried, and what was observed there. */
  baseCommit: z.string(),
  seen: z.string().max(500),
  /** The Event that it reproduces. */
  eventId: z.string(),
  /** The trust tier of that Event. Absent in old ones: it counts as T0. */
  trustTier: TrustTier.optional(),
  /** The model that wrote it, as `model:<name>@<version of its prompt>`; absent if no model did. */
  by: z.string().max(200).optional(),
});
export type Reproduction = z.infer<typeof Reproduction>;

/** A regression test with its text, ready to be written into a tree. */
export interface RegressionTest {
  kind: Exclude<ReproductionKind, "command">;
  origin: ReproductionOrigin;
  path: string;
  /**
   * The test's title as the test runner prints it. If the output does not contain it, the failure happened before the
   * test ran.
   */
  title: string;
  content: string;
  command: string;
  /** The parts from which the test was written, as JSON; null for a test that was not written from parts. */
  recipe: string | null;
  /** The model that wrote it, with the version of its prompt. */
  by?: string;
}
