import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import type { AuditLog } from "../../domain/ports/auditLog.ts";
import type { Settings } from "../../domain/ports/settings.ts";

const HASH_KEY = "adminTokenHash";

/** 32 random bytes as base64url. */
export function newSecret(): string {
  return randomBytes(32).toString("base64url");
}

/** A new admin token. Secret scanners recognize the prefix. */
export function newAdminToken(): string {
  return `sh_${newSecret()}`;
}

/**
 * Creates the admin token at the first start. Returns it once, to be printed once; only its hash is stored. Later calls
 * return null.
 */
export async function ensureAdminToken(settings: Settings, newToken: () => string): Promise<{ token: string | null }> {
  if ((await settings.get(HASH_KEY)) !== null) return { token: null };
  const token = newToken();
  await settings.set(HASH_KEY, hashOf(token).toString("hex"));
  return { token };
}

/**
 * Replaces the admin token and writes an AuditEntry; the previous token becomes invalid. Returns the new token once.
 */
export async function replaceAdminToken(
  { settings, audit }: { settings: Settings; audit: AuditLog },
  newToken: () => string,
): Promise<{ token: string }> {
  const token = newToken();
  await settings.set(HASH_KEY, hashOf(token).toString("hex"));
  await audit.append({ kind: "token.replaced", actor: "system" });
  return { token };
}

/** Whether `presented` is the admin token. False if no token exists. */
export async function checkAdminToken(settings: Settings, presented: string): Promise<boolean> {
  const stored = Buffer.from((await settings.get(HASH_KEY)) ?? "", "hex");
  const given = hashOf(presented);
  return stored.length === given.length && timingSafeEqual(stored, given);
}

/** Compares two secrets in constant time, whatever their lengths. */
export function sameSecret(a: string, b: string): boolean {
  return timingSafeEqual(hashOf(a), hashOf(b));
}

/** The token has 256 random bits, so a plain hash without salt or stretching is enough: it cannot be guessed. */
function hashOf(token: string): Buffer {
  return createHash("sha256").update(token, "utf8").digest();
}
