import { User, UserToken } from "../../domain/access.ts";
import { SelfhealError } from "../../domain/errors.ts";
import type { UserStore } from "../../domain/ports/userStore.ts";
import type { EmbeddedDatabase } from "./database.ts";
import { readStored } from "./storedJson.ts";

const MINUTE_MS = 60_000;

/** Creates the store of users and their tokens. */
export function createUserStore(db: EmbeddedDatabase): UserStore {
  const sql = prepare(db);
  const readUser = (json: string) => readStored(User, json, "a user");
  const readToken = (json: string) => readStored(UserToken, json, "a token");
  const user = (name: string) => {
    const json = sql.user.get(name);
    return json === undefined ? null : readUser(json);
  };
  const token = (id: string) => {
    const json = sql.token.get(id);
    return json === undefined ? null : readToken(json);
  };
  const save = (changed: UserToken): UserToken => {
    sql.putToken.run(changed.id, changed.user, JSON.stringify(changed));
    return changed;
  };
  const revoke = (id: string, now: number): UserToken | null => {
    const found = token(id);
    return found === null || found.revokedAt !== null ? found : save({ ...found, revokedAt: now });
  };
  return {
    put: (given) =>
      db.write(() => {
        const parsed = User.parse(given);
        sql.putUser.run(parsed.name, JSON.stringify(parsed));
        return parsed;
      }),
    get: async (name) => user(name),
    list: async () => sql.users.all().map(readUser),
    remove: (name, now) =>
      db.write(() => {
        for (const json of sql.tokensOf.all(name)) revoke(readToken(json).id, now);
        return sql.removeUser.run(name).changes > 0;
      }),
    addToken: (given) =>
      db.write(() => {
        if (user(given.user) === null) throw new SelfhealError("userNotFound", `There is no user ${given.user}.`);
        save(UserToken.parse(given));
      }),
    token: async (id) => token(id),
    tokens: async (name) => (name === undefined ? sql.tokens.all() : sql.tokensOf.all(name)).map(readToken),
    touch: async (id, now) => {
      const lastUsedAt = Math.floor(now / MINUTE_MS) * MINUTE_MS;
      if (token(id)?.lastUsedAt === lastUsedAt) return;
      await db.write(() => {
        const found = token(id);
        if (found !== null && (found.lastUsedAt ?? 0) < lastUsedAt) save({ ...found, lastUsedAt });
      });
    },
    revoke: (id, now) => db.write(() => revoke(id, now)),
  };
}

function prepare({ sqlite }: EmbeddedDatabase) {
  return {
    user: sqlite.prepare<[string], string>("SELECT json FROM users WHERE name = ?").pluck(),
    users: sqlite.prepare<[], string>("SELECT json FROM users ORDER BY name").pluck(),
    putUser: sqlite.prepare(
      "INSERT INTO users (name, json) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET json = excluded.json",
    ),
    removeUser: sqlite.prepare<[string]>("DELETE FROM users WHERE name = ?"),
    token: sqlite.prepare<[string], string>("SELECT json FROM user_tokens WHERE id = ?").pluck(),
    tokens: sqlite.prepare<[], string>("SELECT json FROM user_tokens ORDER BY rowid DESC").pluck(),
    tokensOf: sqlite
      .prepare<[string], string>("SELECT json FROM user_tokens WHERE user_name = ? ORDER BY rowid DESC")
      .pluck(),
    putToken: sqlite.prepare(
      "INSERT INTO user_tokens (id, user_name, json) VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE SET json = excluded.json",
    ),
  };
}
