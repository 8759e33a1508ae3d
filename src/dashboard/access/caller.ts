import type { Context } from "hono";
import { type Grant, mayEverywhere, mayOn, type Role } from "../../domain/access.ts";
import type { Session } from "./sessions.ts";

/** The author of a request. `session`: a person in a browser; null: a program with a token. */
export interface Caller {
  /** The authenticated name, for the audit log. */
  name: string;
  grants: readonly Grant[];
  session: Session | null;
}

/** Hono environment of the routes behind `requireAccess`. */
export interface AccessEnv {
  Variables: { caller: Caller };
}

/** The name for the audit log: always the authenticated one, whatever the request says about its author. */
export function whoIs(c: Context<AccessEnv>): string {
  return c.get("caller").name;
}

/** Whether the caller has at least this role on the service. */
export function callerMay(c: Context<AccessEnv>, role: Role, service: string): boolean {
  return mayOn(c.get("caller").grants, role, service);
}

/** The services that the caller may see; null: all of them. */
export function visibleServices(c: Context<AccessEnv>): readonly string[] | null {
  const { grants } = c.get("caller");
  if (mayEverywhere(grants, "viewer")) return null;
  return [...new Set(grants.flatMap(({ services }) => (services === "*" ? [] : services)))];
}

/** The session, if the caller may do this on the service: a page shows a form to nobody else. */
export function sessionFor(c: Context<AccessEnv>, role: Role, service: string): Session | null {
  return callerMay(c, role, service) ? c.get("caller").session : null;
}
