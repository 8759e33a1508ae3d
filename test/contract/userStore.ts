import { describe, expect, it } from "vitest";
import type { User, UserToken } from "../../src/domain/access.ts";
import type { UserStore } from "../../src/domain/ports/userStore.ts";

const MINUTE = 60_000;

function ada(more: Partial<User> = {}): User {
  return { name: "ada", grants: [{ role: "viewer", services: ["shop"] }], createdAt: 1, createdBy: "admin", ...more };
}

function token(id: string, more: Partial<UserToken> = {}): UserToken {
  return { id, user: "ada", hash: "a".repeat(64), createdAt: 1, lastUsedAt: null, revokedAt: null, ...more };
}

/** What every UserStore must do. */
export function userStoreContract(name: string, make: () => Promise<UserStore>): void {
  describe(`UserStore: ${name}`, () => {
    it("keeps users by name, and replaces their grants", async () => {
      const users = await make();
      expect(await users.get("ada")).toBeNull();
      await users.put(ada());
      await users.put(ada({ name: "aaron" }));
      const changed = ada({ grants: [{ role: "admin", services: "*" }] });
      expect(await users.put(changed)).toEqual(changed);
      expect(await users.get("ada")).toEqual(changed);
      expect((await users.list()).map((user) => user.name)).toEqual(["aaron", "ada"]);
    });

    it("keeps the hash of a token of a known user only", async () => {
      const users = await make();
      await expect(users.addToken(token("t1"))).rejects.toMatchObject({ code: "userNotFound" });
      await users.put(ada());
      await users.addToken(token("t1"));
      await users.addToken(token("t2"));
      expect(await users.token("t1")).toEqual(token("t1"));
      expect(await users.token("t3")).toBeNull();
      expect((await users.tokens("ada")).map(({ id }) => id)).toEqual(["t2", "t1"]);
      expect(await users.tokens("bob")).toEqual([]);
      expect(await users.tokens()).toHaveLength(2);
    });

    it("notes the minute of the last use, and never an earlier one", async () => {
      const users = await make();
      await users.put(ada());
      await users.addToken(token("t1"));
      await users.touch("t1", 5 * MINUTE + 7);
      expect((await users.token("t1"))?.lastUsedAt).toBe(5 * MINUTE);
      await users.touch("t1", 4 * MINUTE);
      expect((await users.token("t1"))?.lastUsedAt).toBe(5 * MINUTE);
      await users.touch("unknown", MINUTE);
    });

    it("revokes once, and all tokens of a user that is removed", async () => {
      const users = await make();
      await users.put(ada());
      await users.addToken(token("t1"));
      await users.addToken(token("t2"));
      expect(await users.revoke("t1", 50)).toMatchObject({ revokedAt: 50 });
      expect(await users.revoke("t1", 60)).toMatchObject({ revokedAt: 50 });
      expect(await users.revoke("unknown", 60)).toBeNull();
      expect(await users.remove("ada", 70)).toBe(true);
      expect(await users.remove("ada", 80)).toBe(false);
      expect((await users.tokens("ada")).map(({ revokedAt }) => revokedAt)).toEqual([70, 50]);
      await users.put(ada());
      expect((await users.token("t2"))?.revokedAt).toBe(70);
    });
  });
}
