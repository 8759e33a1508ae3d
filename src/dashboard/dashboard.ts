import { Hono } from "hono";
import { etag } from "hono/etag";
import { secureHeaders } from "hono/secure-headers";
import type { AccessEnv } from "./access/caller.ts";
import { createCredentials } from "./access/credentials.ts";
import { createLogin, createLogout } from "./access/login.ts";
import { createProviderLogin } from "./access/providerLogin.ts";
import { limitForms, requireAccess } from "./access/requireAccess.ts";
import { createSessions } from "./access/sessions.ts";
import { createSignInProvider, grantsOfClaims } from "./access/signInProviders.ts";
import { createApi } from "./api/api.ts";
import type { DashboardDeps } from "./deps.ts";
import { createAnswerRoutes } from "./pages/answerLinkRoutes.ts";
import { LIVE_SCRIPT } from "./pages/liveScript.ts";
import { createPages } from "./pages/pageRoutes.ts";
import { FAVICON, STYLESHEET } from "./pages/stylesheet.ts";

const ASSETS: Record<string, { type: string; body: string }> = {
  "/dashboard.css": { type: "text/css; charset=utf-8", body: STYLESHEET },
  "/dashboard.js": { type: "text/javascript; charset=utf-8", body: LIVE_SCRIPT },
  "/favicon.svg": { type: "image/svg+xml", body: FAVICON },
};

/**
 * The dashboard as one app: pages, REST API and sign-in. Routes that are mounted on the same app afterwards (the
 * LangGraph API) are behind the same admin check. Mount public routes (ingest, health) before it.
 */
export function createDashboard(deps: DashboardDeps & { newSecret: () => string }): Hono<AccessEnv> {
  const access = {
    ...deps,
    credentials: createCredentials({
      ...deps,
      mappedGrants: (claims) => grantsOfClaims(deps.people?.() ?? [], claims),
    }),
    sessions: createSessions(deps),
    addressOf: deps.addressOf ?? (() => "unknown"),
    publicOrigin: deps.publicUrl === undefined ? undefined : new URL(deps.publicUrl).origin,
  };
  const app = new Hono<AccessEnv>();
  app.use(
    "*",
    secureHeaders({
      contentSecurityPolicy: {
        defaultSrc: ["'none'"],
        styleSrc: ["'self'"],
        scriptSrc: ["'self'"],
        imgSrc: ["'self'"],
        connectSrc: ["'self'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
        baseUri: ["'none'"],
      },
      // With the default, no-referrer, browsers send `Origin: null` with the dashboard's own forms.
      referrerPolicy: "same-origin",
      // The operator's proxy decides whether the host is https only.
      strictTransportSecurity: false,
    }),
  );
  app.use("*", limitForms());
  app.use("*", requireAccess(access));
  for (const [path, { type, body }] of Object.entries(ASSETS)) {
    app.get(path, etag(), (c) => c.body(body, 200, { "content-type": type, "cache-control": "no-cache" }));
  }
  app.route("/", createAnswerRoutes({ ...deps, ...access }));
  const signIn = (deps.signIn ?? []).map(createSignInProvider);
  app.route("/", createLogin({ ...access, providers: signIn.map(({ name }) => name) }));
  app.route("/", createProviderLogin({ ...access, signIn }));
  app.use("*", async (c, next) => {
    await next();
    c.header("Cache-Control", "no-store");
  });
  app.route("/", createLogout(access));
  app.route("/", createApi(deps));
  app.route("/", createPages(deps));
  return app;
}
