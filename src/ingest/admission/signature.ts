import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { Clock } from "../../domain/ports/clock.ts";
import type { SignedDelivery } from "../../domain/ports/eventSpool.ts";
import type { IngestKey, KeyOwner } from "./auth.ts";

/** How far the signer's clock may be off, and how long a request can be played again where nobody remembers its id. */
const WINDOW_MS = 300_000;

/** A request that claims to be signed: told its body as it arrives, it says whether that is so. */
export interface SignedRequest {
  owner: KeyOwner;
  delivery: SignedDelivery;
  /** A piece of the body as it was sent, before decompression. */
  update(piece: Uint8Array): void;
  isGood(): boolean;
}

export type Signatures = (
  request: Request,
) => { kind: "none" } | { kind: "signed"; request: SignedRequest } | { kind: "bad"; why: string };

/**
 * Checks the requests of T2 keys: `x-selfheal-key-id` (first 16 hex digits of the key's SHA-256), `x-selfheal-delivery` (an
 * id, taken once) and `x-selfheal-signature: t=<seconds>,v1=<HMAC-SHA256 of "<t>.<delivery>.<body as sent>", hex>`.
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
