import type { Context } from "hono";
import { plainText } from "../../domain/plainText.ts";
import type { AdminEnv } from "./requireAdmin.ts";

/**
 * The name for the audit log. A person with a session always has the name of that session; a program with the token may
 * name somebody.
 */
export function whoIs(c: Context<AdminEnv>, named: string): string {
  const admin = c.get("admin");
  return admin.via === "session" ? admin.session.by : plainText(named).trim().slice(0, 128) || "unknown";
}
