import type { Attempt } from "../../domain/patch.ts";

/** The outcome of an Attempt that the tester has not seen. */
export const UNTESTED = "written; not tested yet";

/** Adds an Attempt. An untested one of the same number was left behind by a node that was cut off, and is replaced. */
export function withAttempt(attempts: readonly Attempt[], attempt: Attempt): Attempt[] {
  const last = attempts.at(-1);
  const leftOver = last?.outcome === UNTESTED && last.number === attempt.number;
  return [...(leftOver ? attempts.slice(0, -1) : attempts), attempt];
}

/**
 * Digests of the Patches that were tested and did not do, with and without their regression test. An untested Patch was
 * rejected by nobody.
 */
export function rejectedDigests(attempts: readonly Attempt[]): string[] {
  return attempts.flatMap(({ patch, outcome }) => {
    if (patch === null || outcome === UNTESTED) return [];
    return patch.changeDigest === undefined ? [patch.digest] : [patch.digest, patch.changeDigest];
  });
}
