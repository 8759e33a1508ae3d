import type { Context, MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import { getCookie } from "hono/cookie";
import { mayEverywhere, mayOn, maySomewhere } from "../../domain/access.ts";
import { jsonError, wantsHtml } from "../errorResponses.ts";
import { ruleOf } from "./accessRules.ts";
import { sameSecret } from "./adminToken.ts";
import type { AccessEnv, Caller } from "./caller.ts";
import type { Credentials } from "./credentials.ts";
import { type ScopeDeps, serviceOf } from "./scope.ts";
import type { Session, Sessions } from "./sessions.ts";

/** What the access check needs. */
export interface AccessDeps extends ScopeDeps {
  credentials: Credentials;
  sessions: Sessions;
  /** The client's address, as far as the network reveals it. */
  addressOf: (c: Context) => string;
  /** The origin of `publicUrl`; undefined if none is configured. */
  publicOrigin?: string | undefined;
}

const COOKIE = "selfheal_session";
const MAX_FORM_BYTES = 64 * 1024;
const SAFE = new Set(["GET", "HEAD"]);

/**
 * Middleware before every route: the table in accessRules.ts says which role a route needs; a route that is not in the
 * table is closed. Programs send a token (`Authorization: Bearer` or `x-api-key`). People have a session cookie; their
 * unsafe requests also need a same-origin `Origin` header and the session's CSRF token (header `x-csrf-token` or form
 * field `csrf`). Answers 401 (a browser is redirected to the sign-in page), 429, 403, or 404 for what the caller must
 * not know of.
 */
export function requireAccess(deps: AccessDeps): MiddlewareHandler<AccessEnv> {
  return async (c, next) => {
    const { rule, params } = ruleOf(c.req.method, new URL(c.req.url).pathname, c.req.path);
    if (rule.least === "public" || rule.least === "signed") return next();
    const caller = await callerOf(deps, c);
    if (caller instanceof Response) return caller;
    c.set("caller", caller);
    if (!("on" in rule)) return nothingHere(c);
    const { grants } = caller;
    if (rule.on === "any") return maySomewhere(grants, rule.least) ? next() : forbidden(c);
    if (rule.on === "all") return mayEverywhere(grants, rule.least) ? next() : forbidden(c);
    const service = await serviceOf(deps, rule.on, params);
    if (service === null) return mayEverywhere(grants, rule.least) ? next() : nothingHere(c);
    if (!mayOn(grants, "viewer", service)) return nothingHere(c);
    return mayOn(grants, rule.least, service) ? next() : forbidden(c);
  };
}

/** The author of the request, or the refusal. A token in the request counts before a session. */
async function callerOf(deps: AccessDeps, c: Context<AccessEnv>): Promise<Caller | Response> {
  const token = tokenOf(c);
  if (token !== null) {
    const checked = await deps.credentials.check(token, deps.addressOf(c));
    if (checked.kind === "wait") return tooMany(c, checked.waitMs);
    if (checked.kind === "wrong") return unauthorized(c, "That token is not valid.");
    const grants = (await deps.credentials.grantsOf(checked.identity)) ?? [];
    return { name: checked.name, grants, session: null };
  }
  const session = sessionOf(c, deps.sessions);
  const grants = session === null ? null : await deps.credentials.grantsOf(session.identity);
  if (session === null || grants === null) return unauthorized(c, "A token is needed: Authorization: Bearer sh_…");
  // A WebSocket handshake is a GET, but it changes state, and browsers send it from any origin.
  const safe = SAFE.has(c.req.method) && c.req.header("upgrade") === undefined;
  if (!safe && !(sameOrigin(c, deps.publicOrigin) && (await hasCsrfToken(c, session)))) {
    return jsonError(
      c,
      403,
      "forgery",
      "This request did not come from the dashboard's own page. Reload it and try again.",
    );
  }
  return { name: session.by, grants, session };
}

/**
 * Limits the size of form bodies, because their fields are parsed before the sender is authenticated. Mount it before
 * `requireAccess`.
 */
export function limitForms(): MiddlewareHandler<AccessEnv> {
  const onError = (c: Context) => jsonError(c, 413, "tooLarge", `A form is at most ${MAX_FORM_BYTES} bytes.`);
  const limited = bodyLimit({ maxSize: MAX_FORM_BYTES, onError });
  return (c, next) => (isForm(c) ? limited(c, next) : next());
}

/**
 * Whether a page of this server sent the request. Programs send no Origin; browsers always send one with a POST.
 * `publicOrigin`: how people reach this server, where a proxy changes `Host`.
 */
export function sameOrigin(c: Context, publicOrigin?: string): boolean {
  const origin = c.req.header("origin");
  if (origin === undefined || !URL.canParse(origin)) return false;
  const sent = new URL(origin).origin;
  return sent === originOf(c) || sent === publicOrigin;
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

/** The refusal of an attempt that must wait. It is the same for every credential. */
export function tooMany(c: Context, waitMs: number): Response {
  const seconds = Math.ceil(waitMs / 1000);
  c.header("Retry-After", String(seconds));
  return jsonError(c, 429, "tooManyAttempts", `Too many wrong credentials. Try again in ${seconds} s.`);
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

function forbidden(c: Context<AccessEnv>): Response {
  const message = `${c.get("caller").name} may not do that. An admin gives roles: selfheal user add.`;
  return wantsHtml(c) ? c.text(message, 403) : jsonError(c, 403, "forbidden", message);
}

/** Whether it does not exist or is hidden: the answer is the same. */
function nothingHere(c: Context): Response {
  const message = "There is nothing here that you can see.";
  return wantsHtml(c) ? c.text(message, 404) : jsonError(c, 404, "notFound", message);
}
