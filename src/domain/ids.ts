import { createHash } from "node:crypto";

/**
 * Name-based UUID with SHA-256, in the style of RFC 9562 version 8. Equal parts always give the same id, so that a
 * repeated start creates nothing twice.
 */
export function uuidFrom(...parts: readonly string[]): string {
  const bytes = createHash("sha256")
    .update(parts.map((p) => `${p.length}:${p}`).join("|"))
    .digest()
    .subarray(0, 16);
  // The version digit is 4 instead of 8: the LangGraph API validates thread ids with a pattern that accepts only
  // versions 1 to 5.
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytes.toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

/** The id of the n-th most severe ticket of a Batch. The first one is also the id of the Batch's own Run. */
export function ticketId(batchId: string, rank: number): string {
  return uuidFrom("ticket", batchId, String(rank));
}

/**
 * Whether a text is a full commit id (SHA-1 or SHA-256, lower-case hex). Only such a release name identifies a commit
 * in git.
 */
export function isCommitId(text: string): boolean {
  return /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(text);
}
