import type { Grant } from "../../src/domain/access.ts";
import type { DashboardHome } from "./dashboardHome.ts";

/** A signed-in person, as the server sees one. */
export interface DashboardSession {
  cookie: string;
  csrf: string;
  /** GETs a page as a browser does. */
  page(path: string): Promise<Response>;
  /** Sends a form of one of the pages; `headers` replace what a browser would send. */
  send(path: string, fields: Record<string, string>, headers?: Record<string, string>): Promise<Response>;
}

/** Sends the login form, at `http://localhost` unless told otherwise. */
export function sendLogin(
  home: DashboardHome,
  fields: Record<string, string>,
  headers: Record<string, string> = { origin: "http://localhost" },
): Promise<Response> {
  return Promise.resolve(
    home.app.request("/login", { method: "POST", body: new URLSearchParams(fields), headers: { ...headers } }),
  );
}

/** Signs in as a user of this name, who has these grants. */
export async function signIn(home: DashboardHome, name = "Ada", grants?: Grant[]): Promise<DashboardSession> {
  const reply = await sendLogin(home, { token: await home.tokenOf(name, grants) });
  const cookie = reply.headers.get("set-cookie")?.split(";")[0] ?? "";
  const page = async (path: string) => home.app.request(path, { headers: { cookie, accept: "text/html" } });
  const csrf = /name="csrf" value="([^"]+)"/.exec(await (await page("/")).text())?.[1];
  if (csrf === undefined) throw new Error("the overview has no form");
  return {
    cookie,
    csrf,
    page,
    send: async (path, fields, headers = {}) =>
      home.app.request(path, {
        method: "POST",
        body: new URLSearchParams({ csrf, ...fields }),
        headers: { cookie, accept: "text/html", origin: "http://localhost", ...headers },
      }),
  };
}
