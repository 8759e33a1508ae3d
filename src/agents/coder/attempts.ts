import type { Attempt } from "../../domain/patch.ts";

/** The outcome of an attempt that the tester has not seen. */
export const UNTESTED = "written; not tested yet";

/** The attempts with one more. An untested one of the same number was left by a node that was cut off: this one replaces it. */
export function withAttempt(attempts: readonly Attempt[], attempt: Attempt): Attempt[] {
  const last = attempts.at(-1);
  const leftOver = last?.outcome === UNTESTED && last.number === attempt.number;
  return [...(leftOver ? attempts.slice(0, -1) : attempts), attempt];
}

/** Digests of the patches that were tested and did not do; nobody has turned an untested one down. */
export function rejectedDigests(attempts: readonly Attempt[]): string[] {
  return attempts.flatMap(({ patch, outcome }) => {
    if (patch === null || outcome === UNTESTED) return [];
    return patch.changeDigest === undefined ? [patch.digest] : [patch.digest, patch.changeDigest];
  });
}
