import { type Context, Hono } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import { messageOf } from "../../domain/errors.ts";
import { signInNote } from "../pages/loginPage.ts";
import { sameSecret } from "./adminToken.ts";
import type { AccessEnv } from "./caller.ts";
import { ownPath, setSession } from "./login.ts";
import { type AccessDeps, sessionCookie, tooMany } from "./requireAccess.ts";
import { nameOfClaims, type PendingSignIn, type SignInProvider } from "./signInProviders.ts";

const COOKIE = "selfheal_sign_in";
/** How long somebody may take at the provider, milliseconds. */
const PENDING_MS = 600_000;
/** The most sign-ins under way; the oldest one ends first. */
const MAX_PENDING = 1000;

interface Pending extends PendingSignIn {
  provider: string;
  next: string;
  expiresAt: number;
}

/** What sign-in by providers needs. */
export interface ProviderLoginDeps extends AccessDeps {
  signIn: readonly SignInProvider[];
  publicUrl?: string | undefined;
  newSecret: () => string;
}

/**
 * `GET /login/:provider` sends the browser to the provider; `GET /login/:provider/callback` takes the answer. The answer
 * counts once, in the browser that began, and only for that provider. Without `publicUrl` there is none, because the
 * redirect URI must be exact.
 */
export function createProviderLogin(deps: ProviderLoginDeps): Hono<AccessEnv> {
  const { signIn, publicUrl, sessions, credentials, clock } = deps;
  const app = new Hono<AccessEnv>();
  const pendings = new Map<string, Pending>();
  const providerOf = (c: Context) => signIn.find(({ name }) => name === c.req.param("provider"));
  const cookieName = (c: Context) => (sessionCookie(c).secure ? `__Host-${COOKIE}` : COOKIE);
  const fail = (c: Context, text: string, status: 400 | 403 | 404 | 502 = 400) =>
    c.html(signInNote("You are not signed in", text, null), status);

  app.get("/login/:provider", async (c) => {
    const provider = providerOf(c);
    if (provider === undefined || publicUrl === undefined) return fail(c, "There is no such way to sign in.", 404);
    try {
      const { url, pending } = await provider.begin(redirectUri(publicUrl, provider.name));
      const id = deps.newSecret();
      const expiresAt = clock.now() + PENDING_MS;
      pendings.set(id, { ...pending, provider: provider.name, next: ownPath(c.req.query("next")), expiresAt });
      for (const oldest of [...pendings.keys()].slice(0, Math.max(0, pendings.size - MAX_PENDING)))
        pendings.delete(oldest);
      // Lax, because the provider's site sends the browser back.
      const { secure } = sessionCookie(c);
      setCookie(c, cookieName(c), id, {
        path: "/",
        httpOnly: true,
        sameSite: "Lax",
        secure,
        maxAge: PENDING_MS / 1000,
      });
      return c.redirect(url.href, 303);
    } catch (thrown) {
      return fail(c, `${provider.name} cannot be reached: ${messageOf(thrown)}.`, 502);
    }
  });

  app.get("/login/:provider/callback", async (c) => {
    const provider = providerOf(c);
    if (provider === undefined || publicUrl === undefined) return fail(c, "There is no such way to sign in.", 404);
    const attempt = { address: deps.addressOf(c), account: null };
    const waitMs = credentials.waitMs(attempt);
    if (waitMs > 0) return tooMany(c, waitMs);
    const id = getCookie(c, cookieName(c)) ?? "";
    const pending = pendings.get(id);
    pendings.delete(id);
    deleteCookie(c, cookieName(c), { path: "/", secure: sessionCookie(c).secure });
    const state = c.req.query("state") ?? "";
    if (pending === undefined || pending.provider !== provider.name || pending.expiresAt <= clock.now()) {
      await credentials.failed(attempt);
      return fail(c, "This sign-in did not begin in this browser, or took too long. Begin again.");
    }
    if (!sameSecret(state, pending.state)) {
      await credentials.failed(attempt);
      return fail(c, "The answer belongs to another sign-in. Begin again.");
    }
    try {
      // The redirect URI of the token request is this one without its query: it must be what the provider was told.
      const callback = new URL(redirectUri(publicUrl, provider.name));
      callback.search = new URL(c.req.url).search;
      const claims = await provider.finish(callback, pending);
      const name = nameOfClaims(claims);
      const identity = { kind: "provider" as const, name, claims };
      const grants = await credentials.grantsOf(identity);
      if (grants === null || grants.length === 0)
        return fail(c, `${name} has no role here. An admin gives one: access.people in the configuration.`, 403);
      setSession(c, deps, sessions.open({ identity, by: name }));
      // A page, not a redirect: after a redirect from another site the browser would not send the strict cookie.
      return c.html(signInNote("Signed in", `You are ${name}.`, pending.next));
    } catch (thrown) {
      await credentials.failed(attempt);
      return fail(c, `${provider.name} did not confirm who you are: ${messageOf(thrown)}.`);
    }
  });
  return app;
}

function redirectUri(publicUrl: string, provider: string): string {
  return `${publicUrl.replace(/\/+$/, "")}/login/${provider}/callback`;
}
