import { type Context, Hono } from "hono";
import { ADMIN_NAME, Grant, UserName } from "../../domain/access.ts";
import { type AccessEnv, whoIs } from "../access/caller.ts";
import { makeToken, putUser, readUsers, removeUser, revokeToken, type UserDeps } from "../api/userRoutes.ts";
import type { Html } from "./html.ts";
import type { Notice } from "./layout.ts";
import { usersBody } from "./usersPage.ts";

type PageContext = Context<AccessEnv>;

/** The page of users and its forms. `show` puts the frame around the body. */
export function createUserPages(
  deps: UserDeps,
  show: (c: PageContext, title: string, body: Html, notice?: Notice | null) => Promise<Html>,
): Hono<AccessEnv> {
  const app = new Hono<AccessEnv>();
  const page = async (c: PageContext, issued: { name: string; token: string } | null, fault: string | null) => {
    const { session } = c.get("caller");
    const body = usersBody({ users: await readUsers(deps), session, issued, now: deps.clock.now() });
    const notice = fault === null ? null : { tone: "bad" as const, text: fault };
    return c.html(await show(c, "Users", body, notice), fault === null ? 200 : 400);
  };
  const token = async (c: PageContext, name: string) => {
    const issued = await makeToken(deps, name, whoIs(c));
    return issued === null ? page(c, null, "There is no such user.") : page(c, { name, token: issued.token }, null);
  };
  app.get("/users", (c) => page(c, null, null));
  app.post("/users", async (c) => {
    const form = await c.req.parseBody();
    const services = String(form.services ?? "")
      .split(",")
      .map((service) => service.trim())
      .filter((service) => service !== "");
    const name = UserName.safeParse(form.name);
    const grant = Grant.safeParse({ role: form.role, services: services.length === 0 ? "*" : services });
    if (!name.success || name.data.toLowerCase() === ADMIN_NAME || !grant.success)
      return page(c, null, "A user needs a name of letters and digits (not admin), and a role.");
    const known = (await deps.users.get(name.data)) !== null;
    await putUser(deps, { name: name.data, grants: [grant.data] }, whoIs(c));
    return known ? page(c, null, null) : token(c, name.data);
  });
  app.post("/users/:name/token", (c) => token(c, c.req.param("name")));
  app.post("/users/:name/remove", async (c) => {
    await removeUser(deps, c.req.param("name"), whoIs(c));
    return c.redirect("/users", 303);
  });
  app.post("/tokens/:id/revoke", async (c) => {
    await revokeToken(deps, c.req.param("id"), whoIs(c));
    return c.redirect("/users", 303);
  });
  return app;
}
