import { createHash } from "node:crypto";

/** Name-based UUID (RFC 9562 version 8, SHA-256): the same parts always give the same id, so a repeated start starts nothing twice. */
export function uuidFrom(...parts: readonly string[]): string {
  const bytes = createHash("sha256")
    .update(parts.map((p) => `${p.length}:${p}`).join("|"))
    .digest()
    .subarray(0, 16);
  // Version 4's digit rather than 8: the LangGraph API validates thread ids with a pattern that knows versions 1 to 5 only.
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytes.toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

/** The id of the n-th most severe ticket of a batch. The first one is also the id of the batch's own run. */
export function ticketId(batchId: string, rank: number): string {
  return uuidFrom("ticket", batchId, String(rank));
}

/** Whether a text is a whole commit id (SHA-1 or SHA-256, lower-case hex): a release named otherwise says nothing about git. */
export function isCommitId(text: string): boolean {
  return /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(text);
}
