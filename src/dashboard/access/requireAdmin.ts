import type { Context, MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import { getCookie } from "hono/cookie";
import type { Settings } from "../../domain/ports/settings.ts";
import { jsonError, wantsHtml } from "../errorResponses.ts";
import { checkAdminToken, sameSecret } from "./adminToken.ts";
import type { Session, Sessions } from "./sessions.ts";

/** The author of a request: a program with the token, or a person with a session. */
type Admin = { via: "token" } | { via: "session"; session: Session };

/** Hono environment of the routes behind `requireAdmin`. */
export interface AdminEnv {
  Variables: { admin: Admin };
}

/** What the admin check needs. */
export interface AdminDeps {
  settings: Settings;
  sessions: Sessions;
}

const COOKIE = "selfheal_session";
const MAX_FORM_BYTES = 64 * 1024;
const SAFE = new Set(["GET", "HEAD"]);

/**
 * Middleware that admits only the admin. Programs send the token (`Authorization: Bearer` or `x-api-key`). People have
 * a session cookie; their unsafe requests also need a same-origin `Origin` header and the session's CSRF token (header
 * `x-csrf-token` or form field `csrf`). Answers 401 (a browser is redirected to the sign-in page) or 403 otherwise.
 */
export function requireAdmin({ settings, sessions }: AdminDeps): MiddlewareHandler<AdminEnv> {
  return async (c, next) => {
    const token = tokenOf(c);
    if (token !== null) {
      if (!(await checkAdminToken(settings, token))) return unauthorized(c, "That is not the admin token.");
      c.set("admin", { via: "token" });
      return next();
    }
    const session = sessionOf(c, sessions);
    if (session === null) return unauthorized(c, "The admin token is needed: Authorization: Bearer sh_…");
    // A WebSocket handshake is a GET, but it changes state, and browsers send it from any origin.
    const safe = SAFE.has(c.req.method) && c.req.header("upgrade") === undefined;
    if (!safe && !(sameOrigin(c) && (await hasCsrfToken(c, session)))) {
      return jsonError(
        c,
        403,
        "forgery",
        "This request did not come from the dashboard's own page. Reload it and try again.",
      );
    }
    c.set("admin", { via: "session", session });
    return next();
  };
}

/**
 * Limits the size of form bodies, because their fields are parsed before the sender is authenticated. Mount it before
 * `requireAdmin`.
 */
export function limitForms(): MiddlewareHandler<AdminEnv> {
  const onError = (c: Context) => jsonError(c, 413, "tooLarge", `A form is at most ${MAX_FORM_BYTES} bytes.`);
  const limited = bodyLimit({ maxSize: MAX_FORM_BYTES, onError });
  return (c, next) => (isForm(c) ? limited(c, next) : next());
}

/** Whether a page of this server sent the request. Programs send no Origin; browsers always send one with a POST. */
export function sameOrigin(c: Context): boolean {
  const origin = c.req.header("origin");
  if (origin === undefined || !URL.canParse(origin)) return false;
  return new URL(origin).origin === originOf(c);
}

/** Name and `secure` flag of the session cookie. `__Host-` cookies work on https only; plain http is for loopback. */
export function sessionCookie(c: Context): { name: string; secure: boolean } {
  const secure = originOf(c).startsWith("https:");
  return { name: secure ? `__Host-${COOKIE}` : COOKIE, secure };
}

/** The session of a request; null if it has none or the session ended. */
export function sessionOf(c: Context, sessions: Sessions): Session | null {
  const id = getCookie(c, sessionCookie(c).name);
  return id === undefined ? null : sessions.find(id);
}

/** The origin as the browser sees it. A TLS proxy must set `x-forwarded-proto` and must forward `Host` unchanged. */
function originOf(c: Context): string {
  const url = new URL(c.req.url);
  const https = url.protocol === "https:" || c.req.header("x-forwarded-proto") === "https";
  return new URL(`${https ? "https" : "http"}://${url.host}`).origin;
}

function tokenOf(c: Context): string | null {
  const bearer = /^Bearer +(\S+)$/i.exec(c.req.header("authorization") ?? "")?.[1];
  return bearer ?? c.req.header("x-api-key") ?? null;
}

async function hasCsrfToken(c: Context, session: Session): Promise<boolean> {
  const header = c.req.header("x-csrf-token");
  if (header !== undefined) return sameSecret(header, session.csrf);
  if (!isForm(c)) return false;
  const field = (await c.req.parseBody()).csrf;
  return typeof field === "string" && sameSecret(field, session.csrf);
}

function isForm(c: Context): boolean {
  return /^(application\/x-www-form-urlencoded|multipart\/form-data)/i.test(c.req.header("content-type") ?? "");
}

function unauthorized(c: Context, message: string): Response {
  if (wantsHtml(c)) {
    const url = new URL(c.req.url);
    const next = c.req.method === "GET" ? `?next=${encodeURIComponent(url.pathname + url.search)}` : "";
    return c.redirect(`/login${next}`, 303);
  }
  c.header("WWW-Authenticate", 'Bearer realm="selfheal"');
  return jsonError(c, 401, "unauthorized", message);
}
