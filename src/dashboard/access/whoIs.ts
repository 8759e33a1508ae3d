import type { Context } from "hono";
import { plainText } from "../../domain/plainText.ts";
import type { AdminEnv } from "./requireAdmin.ts";

/** A signed-in person is who they signed in as; the token's holder may name somebody. */
export function whoIs(c: Context<AdminEnv>, named: string): string {
  const admin = c.get("admin");
  return admin.via === "session" ? admin.session.by : plainText(named).trim().slice(0, 128) || "unknown";
}
