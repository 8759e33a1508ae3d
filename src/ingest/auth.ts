import { createHash, timingSafeEqual } from "node:crypto";
import type { TrustTier } from "../domain/event.ts";

/** A key that clients send, as the configuration has it: plain, or its SHA-256 in hex. */
export interface IngestKey {
  key?: string | undefined;
  keyHash?: string | undefined;
  project: string;
  tier: TrustTier;
}

/** Whose Events a request may bring. The tier is the key's; nothing in a payload changes it. */
export interface KeyOwner {
  project: string;
  tier: TrustTier;
  /** Names the key in the rate limiter without being it. */
  keyId: string;
}

/** Where a key can stand in a request. */
export interface PresentedKey {
  authorization: string | undefined;
  header: string | undefined;
  query: string | undefined;
}

/** Looks a presented key up. Compares hashes of equal length, all of them, in constant time. */
export function createAuthenticator(keys: readonly IngestKey[]): (presented: PresentedKey) => KeyOwner | null {
  const known = keys.map(({ key, keyHash, project, tier }) => {
    const hash = key === undefined ? Buffer.from(keyHash ?? "", "hex") : sha256(key);
    return { hash, owner: { project, tier, keyId: hash.toString("hex").slice(0, 16) } };
  });
  return (presented) => {
    const key = keyOf(presented);
    if (key === "") return null;
    const hash = sha256(key);
    let owner: KeyOwner | null = null;
    for (const entry of known) {
      if (entry.hash.length === hash.length && timingSafeEqual(entry.hash, hash)) owner = entry.owner;
    }
    return owner;
  };
}

function keyOf({ authorization, header, query }: PresentedKey): string {
  const bearer = /^Bearer\s+(\S{1,512})$/i.exec(authorization ?? "")?.[1];
  return bearer ?? header ?? query ?? "";
}

function sha256(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
