import type { Context, Hono } from "hono";
import { z } from "zod";
import { ADMIN_NAME, describeGrants, Grant, type User, UserName, type UserToken } from "../../domain/access.ts";
import { type AccessEnv, whoIs } from "../access/caller.ts";
import { issueToken } from "../access/userTokens.ts";
import type { DashboardDeps } from "../deps.ts";
import { jsonError } from "../errorResponses.ts";
import { bodyOf, withInput } from "./input.ts";

/** What user administration needs. */
export type UserDeps = Pick<DashboardDeps, "users" | "audit" | "clock">;

const UserBody = z.strictObject({ grants: z.array(Grant).min(1).max(50) });

/** A token without its hash. */
export type ShownToken = Omit<UserToken, "hash">;

/**
 * `GET /v1/me`; `GET /v1/users`, `PUT` and `DELETE /v1/users/:name`, `POST /v1/users/:name/tokens` and
 * `DELETE /v1/tokens/:id`. A token is shown once, in the response that makes it.
 */
export function addUserRoutes(api: Hono<AccessEnv>, deps: UserDeps): void {
  api.get("/v1/me", (c) => {
    const { name, grants } = c.get("caller");
    return c.json({ name, grants });
  });
  api.get("/v1/users", async (c) => c.json({ users: await readUsers(deps) }));
  api.put("/v1/users/:name", async (c) =>
    withInput(c, UserName, c.req.param("name"), async (name) =>
      withInput(c, UserBody, await bodyOf(c), async ({ grants }) => {
        if (name.toLowerCase() === ADMIN_NAME) return reserved(c);
        return c.json({ user: await putUser(deps, { name, grants }, whoIs(c)) });
      }),
    ),
  );
  api.delete("/v1/users/:name", async (c) => {
    const removed = await removeUser(deps, c.req.param("name"), whoIs(c));
    return removed ? c.json({ removed }) : notFound(c);
  });
  api.post("/v1/users/:name/tokens", async (c) => {
    const issued = await makeToken(deps, c.req.param("name"), whoIs(c));
    return issued === null ? notFound(c) : c.json(issued, 201);
  });
  api.delete("/v1/tokens/:id", async (c) => {
    const revoked = await revokeToken(deps, c.req.param("id"), whoIs(c));
    return revoked === null ? notFound(c) : c.json({ token: revoked });
  });
}

/** Users with their tokens, newest first; never a hash. */
export async function readUsers({ users }: Pick<UserDeps, "users">): Promise<(User & { tokens: ShownToken[] })[]> {
  const tokens = await users.tokens();
  return (await users.list()).map((user) => ({
    ...user,
    tokens: tokens.filter((token) => token.user === user.name).map(shown),
  }));
}

/** Creates the user, or replaces the grants. */
export async function putUser(
  { users, audit, clock }: UserDeps,
  { name, grants }: Pick<User, "name" | "grants">,
  by: string,
): Promise<User> {
  const known = await users.get(name);
  const user = await users.put({
    name,
    grants,
    createdAt: known?.createdAt ?? clock.now(),
    createdBy: known?.createdBy ?? by,
  });
  const facts = {
    user: name,
    grants: describeGrants(grants),
    before: known === null ? null : describeGrants(known.grants),
  };
  await audit.append({ kind: "user.changed", actor: `person:${by}`, facts });
  return user;
}

/** Removes the user, and with it every session and token. False: there is no such user. */
export async function removeUser({ users, audit, clock }: UserDeps, name: string, by: string): Promise<boolean> {
  if (!(await users.remove(name, clock.now()))) return false;
  await audit.append({ kind: "user.removed", actor: `person:${by}`, facts: { user: name } });
  return true;
}

/** Makes a token; null: there is no such user. */
export async function makeToken(
  { users, audit, clock }: UserDeps,
  name: string,
  by: string,
): Promise<{ token: string; id: string } | null> {
  if ((await users.get(name)) === null) return null;
  const issued = await issueToken({ users, clock }, name);
  await audit.append({ kind: "token.issued", actor: `person:${by}`, facts: { user: name, token: issued.id } });
  return issued;
}

/** Revokes a token; null: there is no such token. */
export async function revokeToken(
  { users, audit, clock }: UserDeps,
  id: string,
  by: string,
): Promise<ShownToken | null> {
  const before = await users.token(id);
  const revoked = await users.revoke(id, clock.now());
  if (revoked === null) return null;
  if (before?.revokedAt === null)
    await audit.append({ kind: "token.revoked", actor: `person:${by}`, facts: { user: revoked.user, token: id } });
  return shown(revoked);
}

function shown({ hash: _hash, ...token }: UserToken): ShownToken {
  return token;
}

function notFound(c: Context): Response {
  return jsonError(c, 404, "userNotFound", "There is no such user or token.");
}

function reserved(c: Context): Response {
  return jsonError(c, 400, "invalid", `${ADMIN_NAME} is whoever holds the admin token. Choose another name.`);
}
