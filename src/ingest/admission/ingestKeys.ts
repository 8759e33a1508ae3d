import { createHash, timingSafeEqual } from "node:crypto";
import type { TrustTier } from "../../domain/event.ts";

/** A key that clients send, as configured: the plain key, or its SHA-256 in hex. */
export interface IngestKey {
  key?: string | undefined;
  keyHash?: string | undefined;
  project: string;
  tier: TrustTier;
  /** Whether the key may stand in a URL although its tier is T1. Default: no. */
  allowInUrl?: boolean | undefined;
  /** The service of Events that name no service. */
  service?: string | undefined;
}

/**
 * The owner of a key: the project of its Events. The trust tier comes from the key; nothing in a payload changes it.
 */
export interface KeyOwner {
  project: string;
  tier: TrustTier;
  /** Identifies the key in the rate limiter without revealing it: the first 16 hex digits of its SHA-256. */
  keyId: string;
  allowInUrl?: boolean;
  service?: string | undefined;
}

/** Looks up the owner of a presented key. Null if the key is empty or unknown. */
export type Authenticate = (key: string) => KeyOwner | null;

/**
 * Creates the lookup. It compares the SHA-256 of the presented key with every known hash, each in constant time, so
 * that the duration reveals nothing about the keys.
 */
export function createAuthenticator(keys: readonly IngestKey[]): Authenticate {
  const known = keys.map(({ key, keyHash, project, tier, allowInUrl = false, service }) => {
    const hash = key === undefined ? Buffer.from(keyHash ?? "", "hex") : sha256(key);
    return { hash, owner: { project, tier, allowInUrl, service, keyId: hash.toString("hex").slice(0, 16) } };
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
