import { ADMIN_NAME, ALL_GRANTS, type Grant } from "../../domain/access.ts";
import type { AuditLog } from "../../domain/ports/auditLog.ts";
import type { Clock } from "../../domain/ports/clock.ts";
import type { Settings } from "../../domain/ports/settings.ts";
import type { UserStore } from "../../domain/ports/userStore.ts";
import { checkAdminToken } from "./adminToken.ts";
import { type Attempt, createThrottle } from "./throttle.ts";
import { tokenIdOf, userOfToken } from "./userTokens.ts";

/** Who somebody proved to be. */
export type Identity =
  | { kind: "adminToken" }
  /** A named user, by a token. */
  | { kind: "userToken"; user: string; tokenId: string }
  /** A person whom a sign-in provider vouches for. */
  | { kind: "provider"; name: string; claims: ProviderClaims };

/** What a sign-in provider says about a person; only verified e-mail addresses. */
export interface ProviderClaims {
  /** The name of the provider in the configuration. */
  provider: string;
  subject: string;
  email: string | null;
  /** The login at GitHub; null elsewhere. */
  login: string | null;
  groups: readonly string[];
}

/** What a credential gives: an identity; nothing; or nothing before so long. */
export type CredentialCheck =
  | { kind: "known"; identity: Identity; name: string }
  | { kind: "wrong" }
  | { kind: "wait"; waitMs: number };

/** Checks every credential of people. All ways in use one throttle. */
export interface Credentials {
  /** Checks a token. A wrong token, an unknown user and a revoked token give the same answer. */
  check(presented: string, address: string): Promise<CredentialCheck>;
  /** What the identity may do now; null: it is not valid any more. */
  grantsOf(identity: Identity): Promise<readonly Grant[] | null>;
  /** How long the attempt must wait before its credential is checked, milliseconds. */
  waitMs(attempt: Attempt): number;
  /** Counts a wrong credential of another kind, such as a forged answer link. */
  failed(attempt: Attempt): Promise<void>;
  /** Wrong credentials since the process started, and attempts that were turned away unchecked. */
  counts(): { failed: number; turnedAway: number };
}

export interface CredentialsDeps {
  settings: Settings;
  users: UserStore;
  audit: Pick<AuditLog, "append">;
  clock: Clock;
  /** The grants that the configuration maps the claims of a provider to. */
  mappedGrants: (claims: ProviderClaims) => readonly Grant[];
}

/** At most one audit entry about wrong credentials in this time, so that an attacker cannot fill the log. */
const AUDIT_EVERY_MS = 60_000;

/** Creates the one check of people's credentials. */
export function createCredentials(deps: CredentialsDeps): Credentials {
  const { settings, users, audit, clock } = deps;
  const throttle = createThrottle(deps);
  const told = { at: Number.NEGATIVE_INFINITY, failed: 0 };

  const failed = async (attempt: Attempt): Promise<void> => {
    if (!throttle.failed(attempt)) return;
    const now = clock.now();
    if (now - told.at < AUDIT_EVERY_MS) return;
    const all = throttle.counts().failed;
    const facts = { address: attempt.address.slice(0, 64), account: attempt.account, failures: all - told.failed };
    told.at = now;
    told.failed = all;
    await audit.append({ kind: "access.throttled", actor: "system", facts });
  };

  return {
    async check(presented, address) {
      const attempt = { address, account: tokenIdOf(presented) };
      const waitMs = throttle.waitMs(attempt);
      if (waitMs > 0) return { kind: "wait", waitMs };
      if (await checkAdminToken(settings, presented))
        return { kind: "known", identity: { kind: "adminToken" }, name: ADMIN_NAME };
      const found = await userOfToken({ users }, presented);
      if (found === null) {
        await failed(attempt);
        return { kind: "wrong" };
      }
      await users.touch(found.token.id, clock.now());
      const { name } = found.user;
      return { kind: "known", name, identity: { kind: "userToken", user: name, tokenId: found.token.id } };
    },
    async grantsOf(identity) {
      if (identity.kind === "adminToken") return ALL_GRANTS;
      if (identity.kind === "provider") return deps.mappedGrants(identity.claims);
      const [user, token] = await Promise.all([users.get(identity.user), users.token(identity.tokenId)]);
      return user === null || token === null || token.revokedAt !== null ? null : user.grants;
    },
    waitMs: throttle.waitMs,
    failed,
    counts: throttle.counts,
  };
}
