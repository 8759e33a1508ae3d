import type { User, UserToken } from "../access.ts";

/** Users and the hashes of their tokens. */
export interface UserStore {
  /** Creates the user, or replaces the grants of an existing one. */
  put(user: User): Promise<User>;
  get(name: string): Promise<User | null>;
  /** By name. */
  list(): Promise<User[]>;
  /** Removes the user and revokes all tokens in one step. Returns false if there is no such user. */
  remove(name: string, now: number): Promise<boolean>;
  /** Throws SelfhealError `userNotFound` if the user does not exist. */
  addToken(token: UserToken): Promise<void>;
  /** The token with this id, revoked or not. */
  token(id: string): Promise<UserToken | null>;
  /** Newest first. */
  tokens(user?: string): Promise<UserToken[]>;
  /** Records a use. Writes only when the minute changed. */
  touch(id: string, now: number): Promise<void>;
  /** Revokes once; a revoked token stays revoked. Returns null if there is no such token. */
  revoke(id: string, now: number): Promise<UserToken | null>;
}
