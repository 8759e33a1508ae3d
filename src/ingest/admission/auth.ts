import { createHash, timingSafeEqual } from "node:crypto";
import type { TrustTier } from "../../domain/event.ts";

/** A key that clients send, as the configuration has it: plain, or its SHA-256 in hex. */
export interface IngestKey {
  key?: string | undefined;
  keyHash?: string | undefined;
  project: string;
  tier: TrustTier;
  /** Of Events that name none. */
  service?: string | undefined;
}

/** Whose Events a request may bring. The tier is the key's; nothing in a payload changes it. */
export interface KeyOwner {
  project: string;
  tier: TrustTier;
  /** Names the key in the rate limiter without being it. */
  keyId: string;
  service?: string | undefined;
}

/** Looks a presented key up; null when there is no such key, or it may not be shown. */
export type Authenticate = (key: string) => KeyOwner | null;

/** Compares hashes of equal length, all of them, in constant time. */
export function createAuthenticator(keys: readonly IngestKey[]): Authenticate {
  const known = keys.map(({ key, keyHash, project, tier, service }) => {
    const hash = key === undefined ? Buffer.from(keyHash ?? "", "hex") : sha256(key);
    return { hash, owner: { project, tier, service, keyId: hash.toString("hex").slice(0, 16) } };
  });
  return (key) => {
    if (key === "") return null;
    const hash = sha256(key);
    let owner: KeyOwner | null = null;
    for (const entry of known) {
      if (entry.hash.length === hash.length && timingSafeEqual(entry.hash, hash)) owner = entry.owner;
    }
    return owner;
  };
}

function sha256(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
