import { createHash, randomBytes } from "node:crypto";
import type { User, UserToken } from "../../domain/access.ts";
import type { Clock } from "../../domain/ports/clock.ts";
import type { UserStore } from "../../domain/ports/userStore.ts";
import { sameSecret } from "./adminToken.ts";

/** `shu_<id>_<secret>`: the id finds the row, the whole text is compared by its hash. Secret scanners know the prefix. */
const FORM = /^shu_([0-9a-f]{16})_[\w-]{43}$/;

/** The id that a user token claims; null: it is no user token. */
export function tokenIdOf(presented: string): string | null {
  return FORM.exec(presented)?.[1] ?? null;
}

/** Makes a token for a user. Returns its text once; only the hash is stored. Throws SelfhealError `userNotFound`. */
export async function issueToken(
  { users, clock }: { users: UserStore; clock: Clock },
  user: string,
): Promise<{ token: string; id: string }> {
  const id = randomBytes(8).toString("hex");
  const token = `shu_${id}_${randomBytes(32).toString("base64url")}`;
  const times = { createdAt: clock.now(), lastUsedAt: null, revokedAt: null };
  await users.addToken({ id, user, hash: hashOf(token), ...times });
  return { token, id };
}

/** The user whose valid token this is; null for every other text. Takes as long for an unknown id as for a wrong secret. */
export async function userOfToken(
  { users }: { users: UserStore },
  presented: string,
): Promise<{ user: User; token: UserToken } | null> {
  const id = tokenIdOf(presented);
  const token = id === null ? null : await users.token(id);
  const right = sameSecret(hashOf(presented), token?.hash ?? "");
  const user = await users.get(token?.user ?? "");
  if (!right || token === null || token.revokedAt !== null || user === null) return null;
  return { user, token };
}

function hashOf(token: string): string {
  return createHash("sha256").update(token, "utf8").digest("hex");
}
