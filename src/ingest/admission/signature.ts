import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { Clock } from "../../domain/ports/clock.ts";
import type { SignedDelivery } from "../../domain/ports/eventSpool.ts";
import type { IngestKey, KeyOwner } from "./ingestKeys.ts";

/**
 * Maximum difference to the signer's clock, milliseconds. It also limits how long a request can be replayed where its
 * delivery id is not stored.
 */
const WINDOW_MS = 300_000;

/**
 * A request that claims to be signed. It reads the body as it arrives and then decides whether the signature is valid.
 */
export interface SignedRequest {
  owner: KeyOwner;
  delivery: SignedDelivery;
  /** Adds a piece of the body as sent, before decompression. */
  update(piece: Uint8Array): void;
  /** Whether the signature is valid. Call it once, after the whole body. */
  isGood(): boolean;
}

/** Reads the signature headers of a request. `bad`: the headers are malformed, too old, or name no signing key. */
export type Signatures = (
  request: Request,
) => { kind: "none" } | { kind: "signed"; request: SignedRequest } | { kind: "bad"; why: string };

/**
 * Creates the check of requests that T2 keys sign. The headers are `x-selfheal-key-id` (the first 16 hex digits of the
 * key's SHA-256), `x-selfheal-delivery` (an id, accepted once) and `x-selfheal-signature: t=<seconds>,v1=<HMAC-SHA256
 * of "<t>.<delivery>.<body as sent>", hex>`.
 */
export function createSignatures(keys: readonly IngestKey[], clock: Clock): Signatures {
  const signers = new Map<string, { secret: string; owner: KeyOwner }>();
  for (const { key, project, tier, service } of keys) {
    if (tier !== "T2" || key === undefined) continue;
    const keyId = createHash("sha256").update(key).digest("hex").slice(0, 16);
    signers.set(keyId, { secret: key, owner: { project, tier, service, keyId } });
  }
  return ({ headers }) => {
    const signature = headers.get("x-selfheal-signature");
    if (signature === null) return { kind: "none" };
    const parts = /^t=(\d{1,12}),v1=([0-9a-f]{64})$/.exec(signature.slice(0, 128));
    const id = headers.get("x-selfheal-delivery") ?? "";
    if (parts === null) return { kind: "bad", why: "x-selfheal-signature must be t=<seconds>,v1=<64 hex digits>" };
    if (!/^[\w.-]{8,128}$/.test(id))
      return { kind: "bad", why: "x-selfheal-delivery must be 8 to 128 letters, digits, dots and dashes" };
    const [, t = "", v1 = ""] = parts;
    const now = clock.now();
    if (Math.abs(now - Number(t) * 1000) > WINDOW_MS)
      return { kind: "bad", why: "signed more than 5 minutes ago, or ahead" };
    const signer = signers.get(headers.get("x-selfheal-key-id") ?? "");
    if (signer === undefined) return { kind: "bad", why: "no such signing key: x-selfheal-key-id names none" };
    const { owner, secret } = signer;
    const hmac = createHmac("sha256", secret).update(`${t}.${id}.`);
    return {
      kind: "signed",
      request: {
        owner,
        delivery: { keyId: owner.keyId, id, at: now },
        update: (piece) => void hmac.update(piece),
        isGood: () => timingSafeEqual(hmac.digest(), Buffer.from(v1, "hex")),
      },
    };
  };
}
