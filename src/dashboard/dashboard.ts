import { Hono } from "hono";
import { etag } from "hono/etag";
import { secureHeaders } from "hono/secure-headers";
import { createLogin, createLogout } from "./access/login.ts";
import { type AdminEnv, limitForms, requireAdmin } from "./access/requireAdmin.ts";
import { createSessions } from "./access/sessions.ts";
import { createApi } from "./api/api.ts";
import type { DashboardDeps } from "./deps.ts";
import { createAnswerRoutes } from "./pages/answerRoutes.ts";
import { LIVE_SCRIPT } from "./pages/liveScript.ts";
import { createPages } from "./pages/pages.ts";
import { FAVICON, STYLESHEET } from "./pages/stylesheet.ts";

const ASSETS: Record<string, { type: string; body: string }> = {
  "/dashboard.css": { type: "text/css; charset=utf-8", body: STYLESHEET },
  "/dashboard.js": { type: "text/javascript; charset=utf-8", body: LIVE_SCRIPT },
  "/favicon.svg": { type: "image/svg+xml", body: FAVICON },
};

/**
 * Pages, REST API and signing in, as one app. Everything that is mounted after it on the same app (the LangGraph API)
 * is behind the same admin check; what is public (ingest, health) goes before it.
 */
export function createDashboard(deps: DashboardDeps & { newSecret: () => string }): Hono<AdminEnv> {
  const sessions = createSessions(deps);
  const app = new Hono<AdminEnv>();
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
      // no-referrer, the default, makes browsers send `Origin: null` with our own forms.
      referrerPolicy: "same-origin",
      // Whether the host is https only is for the operator's proxy to say.
      strictTransportSecurity: false,
    }),
  );
  for (const [path, { type, body }] of Object.entries(ASSETS)) {
    app.get(path, etag(), (c) => c.body(body, 200, { "content-type": type, "cache-control": "no-cache" }));
  }
  app.use("*", limitForms());
  app.route("/", createAnswerRoutes(deps));
  app.route("/", createLogin({ settings: deps.settings, sessions }));
  app.use("*", requireAdmin({ settings: deps.settings, sessions }));
  app.use("*", async (c, next) => {
    await next();
    c.header("Cache-Control", "no-store");
  });
  app.route("/", createLogout({ sessions }));
  app.route("/", createApi(deps));
  app.route("/", createPages(deps));
  return app;
}
