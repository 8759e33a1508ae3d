import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import type { AuditLog } from "../../domain/ports/auditLog.ts";
import type { Settings } from "../../domain/ports/settings.ts";

const HASH_KEY = "adminTokenHash";

/** 32 random bytes, base64url. */
export function newSecret(): string {
  return randomBytes(32).toString("base64url");
}

/** An admin token; the prefix lets secret scanners know it. */
export function newAdminToken(): string {
  return `sh_${newSecret()}`;
}

/** Makes the admin token at the first start. It is returned once, to be shown once; only its hash is kept. Null later on. */
export async function ensureAdminToken(settings: Settings, newToken: () => string): Promise<{ token: string | null }> {
  if ((await settings.get(HASH_KEY)) !== null) return { token: null };
  const token = newToken();
  await settings.set(HASH_KEY, hashOf(token).toString("hex"));
  return { token };
}

/** Another admin token in place of the one before, which ends. Returned once, as at the first start. */
export async function replaceAdminToken(
  { settings, audit }: { settings: Settings; audit: AuditLog },
  newToken: () => string,
): Promise<{ token: string }> {
  const token = newToken();
  await settings.set(HASH_KEY, hashOf(token).toString("hex"));
  await audit.append({ kind: "token.replaced", actor: "system" });
  return { token };
}

/** Whether `presented` is the admin token. False while there is none. */
export async function checkAdminToken(settings: Settings, presented: string): Promise<boolean> {
  const stored = Buffer.from((await settings.get(HASH_KEY)) ?? "", "hex");
  const given = hashOf(presented);
  return stored.length === given.length && timingSafeEqual(stored, given);
}

/** Compares two secrets in constant time, whatever their lengths. */
export function sameSecret(a: string, b: string): boolean {
  return timingSafeEqual(hashOf(a), hashOf(b));
}

/** The token is 256 random bits, so a plain hash is enough: there is nothing to guess. */
function hashOf(token: string): Buffer {
  return createHash("sha256").update(token, "utf8").digest();
}
