import { type Context, Hono } from "hono";
import { deleteCookie, setCookie } from "hono/cookie";
import { loginPage } from "../pages/loginPage.ts";
import type { AccessEnv } from "./caller.ts";
import { type AccessDeps, sameOrigin, sessionCookie, sessionOf } from "./requireAccess.ts";
import type { Session } from "./sessions.ts";

/** What sign-in needs. */
export interface LoginDeps extends AccessDeps {
  /** Names of the configured sign-in providers. */
  providers: readonly string[];
}

/** The sign-in page: by a token, or by one of the configured providers. */
export function createLogin(deps: LoginDeps): Hono<AccessEnv> {
  const { credentials, sessions, providers } = deps;
  const app = new Hono<AccessEnv>();

  app.get("/login", (c) => {
    const next = ownPath(c.req.query("next"));
    if (sessionOf(c, sessions) !== null) return c.redirect(next, 303);
    return c.html(loginPage({ next, providers, fault: null }));
  });

  app.post("/login", async (c) => {
    const form = await c.req.parseBody();
    const next = ownPath(textOf(form.next));
    const refuse = (status: 401 | 403 | 429, fault: string) => c.html(loginPage({ next, providers, fault }), status);
    if (!sameOrigin(c, deps.publicOrigin))
      return refuse(403, "This form was sent from somewhere else. Please try again here.");
    const checked = await credentials.check(textOf(form.token).trim(), deps.addressOf(c));
    if (checked.kind === "wrong") return refuse(401, "That token is not valid.");
    if (checked.kind === "wait") {
      const seconds = Math.ceil(checked.waitMs / 1000);
      c.header("Retry-After", String(seconds));
      return refuse(429, `Too many wrong credentials. Try again in ${seconds} s.`);
    }
    setSession(c, deps, sessions.open({ identity: checked.identity, by: checked.name }));
    return c.redirect(next, 303);
  });
  return app;
}

/** The sign-out route. Mount it behind `requireAccess`. */
export function createLogout({ sessions }: Pick<AccessDeps, "sessions">): Hono<AccessEnv> {
  const app = new Hono<AccessEnv>();
  app.post("/logout", (c) => {
    const { session } = c.get("caller");
    if (session !== null) sessions.close(session.id);
    const { name, secure } = sessionCookie(c);
    deleteCookie(c, name, { path: "/", secure });
    return c.redirect("/login", 303);
  });
  return app;
}

/** Sets the cookie of a session. */
export function setSession(c: Context, { sessions }: Pick<AccessDeps, "sessions">, { id }: Session): void {
  const { name, secure } = sessionCookie(c);
  const maxAge = Math.floor(sessions.lifetimeMs / 1000);
  setCookie(c, name, id, { path: "/", httpOnly: true, sameSite: "Strict", secure, maxAge });
}

/**
 * Returns `next` if it is a path of this server, and `/` otherwise, so that a sign-in cannot redirect to another host.
 */
export function ownPath(next: string | undefined): string {
  const base = "http://selfheal.invalid";
  if (next === undefined || !next.startsWith("/") || !URL.canParse(next, base)) return "/";
  const url = new URL(next, base);
  // `/..//elsewhere` is normalized to `//elsewhere`, which browsers interpret as a host.
  return url.origin === base && !url.pathname.startsWith("//") ? url.pathname + url.search : "/";
}

function textOf(field: unknown): string {
  return typeof field === "string" ? field : "";
}
