import { type Context, Hono } from "hono";
import { deleteCookie, setCookie } from "hono/cookie";
import { plainText } from "../../domain/plainText.ts";
import { loginPage } from "../pages/loginPage.ts";
import { checkAdminToken } from "./adminToken.ts";
import { type AdminDeps, type AdminEnv, sameOrigin, sessionCookie, sessionOf } from "./requireAdmin.ts";

/** The sign-in page. It is the only page, apart from answer links, that needs no session. */
export function createLogin({ settings, sessions }: AdminDeps): Hono<AdminEnv> {
  const app = new Hono<AdminEnv>();

  app.get("/login", (c) => {
    const next = ownPath(c.req.query("next"));
    if (sessionOf(c, sessions) !== null) return c.redirect(next, 303);
    return c.html(loginPage({ next, fault: null }));
  });

  app.post("/login", async (c) => {
    const form = await c.req.parseBody();
    const next = ownPath(textOf(form.next));
    const refuse = (status: 401 | 403, fault: string) => c.html(loginPage({ next, fault }), status);
    if (!sameOrigin(c)) return refuse(403, "This form was sent from somewhere else. Please try again here.");
    if (!(await checkAdminToken(settings, textOf(form.token).trim()))) {
      return refuse(401, "That is not the admin token.");
    }
    const session = sessions.open(plainText(textOf(form.by)).trim().slice(0, 128) || "unknown");
    setSession(c, session.id, Math.floor(sessions.lifetimeMs / 1000));
    return c.redirect(next, 303);
  });
  return app;
}

/** The sign-out route. Mount it behind `requireAdmin`. */
export function createLogout({ sessions }: Pick<AdminDeps, "sessions">): Hono<AdminEnv> {
  const app = new Hono<AdminEnv>();
  app.post("/logout", (c) => {
    const admin = c.get("admin");
    if (admin.via === "session") sessions.close(admin.session.id);
    const { name, secure } = sessionCookie(c);
    deleteCookie(c, name, { path: "/", secure });
    return c.redirect("/login", 303);
  });
  return app;
}

function setSession(c: Context, id: string, maxAge: number): void {
  const { name, secure } = sessionCookie(c);
  setCookie(c, name, id, { path: "/", httpOnly: true, sameSite: "Strict", secure, maxAge });
}

/**
 * Returns `next` if it is a path of this server, and `/` otherwise, so that a sign-in cannot redirect to another host.
 */
function ownPath(next: string | undefined): string {
  const base = "http://selfheal.invalid";
  if (next === undefined || !next.startsWith("/") || !URL.canParse(next, base)) return "/";
  const url = new URL(next, base);
  // `/..//elsewhere` is normalized to `//elsewhere`, which browsers interpret as a host.
  return url.origin === base && !url.pathname.startsWith("//") ? url.pathname + url.search : "/";
}

function textOf(field: unknown): string {
  return typeof field === "string" ? field : "";
}
