import { SelfhealError } from "../../domain/errors.ts";
import type { Lease } from "../../domain/lease.ts";
import type { Clock } from "../../domain/ports/clock.ts";
import type { LeaseStore } from "../../domain/ports/leaseStore.ts";
import type { EmbeddedDatabase } from "./database.ts";

/**
 * Stored as the expiry of a lease that was seen expired, so that a clock that jumps back does not make it valid again.
 */
const ENDED = 0;

/**
 * Creates the store of leases. A name has one holder at a time, by the clock at the moment of the write. `renew` throws
 * SelfhealError `fenced`.
 */
export function createLeaseStore(db: EmbeddedDatabase, clock: Clock): LeaseStore {
  const sql = prepare(db);
  /** The lease as it is now. Its expiry is recorded the first time that it is seen expired. */
  const look = (name: string): { last: Lease | null; current: Lease | null } => {
    const last = sql.get.get(name) ?? null;
    if (last === null || last.expiresAt > clock.now()) return { last, current: last };
    if (last.expiresAt !== ENDED) sql.expire.run(ENDED, name, last.token);
    return { last, current: null };
  };
  const put = (lease: Lease): Lease => {
    sql.put.run(lease.name, lease.holder, lease.token, lease.expiresAt);
    return lease;
  };
  /** Extends a lease to `ttlMs` from now, unless it is valid for `enoughMs` already. */
  const keep = (lease: Lease, ttlMs: number, enoughMs: number): Lease => {
    const now = clock.now();
    return lease.expiresAt - now >= enoughMs ? lease : put({ ...lease, expiresAt: now + ttlMs });
  };
  const take = (name: string, holder: string, ttlMs: number, enoughMs: number) => {
    const { last, current } = look(name);
    if (current !== null && current.holder !== holder) return { kind: "taken" as const, lease: current };
    if (current !== null) return { kind: "held" as const, lease: keep(current, ttlMs, enoughMs) };
    const token = (last?.token ?? 0) + 1;
    return { kind: "held" as const, lease: put({ name, holder, token, expiresAt: clock.now() + ttlMs }) };
  };
  const renew = (name: string, token: number, ttlMs: number, enoughMs: number): Lease | null => {
    const { current } = look(name);
    return current?.token === token ? keep(current, ttlMs, enoughMs) : null;
  };
  const endOf = (gone: (holder: string) => boolean): string[] => {
    const theirs = sql.unended.all().filter((lease) => gone(lease.holder));
    for (const { name, token } of theirs) sql.expire.run(ENDED, name, token);
    return theirs.map((lease) => lease.name);
  };
  return {
    take: (name, holder, ttlMs, enoughMs = Number.POSITIVE_INFINITY) =>
      db.write(() => take(name, holder, ttlMs, enoughMs)),
    async renew(name, token, ttlMs, enoughMs = Number.POSITIVE_INFINITY) {
      // Thrown outside of the job: a job that throws is rolled back, and the recorded expiry must stay written.
      const renewed = await db.write(() => renew(name, token, ttlMs, enoughMs));
      if (renewed !== null) return renewed;
      const newest = sql.get.get(name)?.token;
      const why = newest === token ? "it has ended" : `the newest token is ${newest ?? "none"}`;
      throw new SelfhealError("fenced", `the lease ${name} of token ${token} holds no longer: ${why}`);
    },
    release: (name, token) => db.write(() => void sql.expire.run(ENDED, name, token)),
    get: (name) => db.write(() => look(name).current),
    endOf: (gone) => db.write(() => endOf(gone)),
  };
}

function prepare({ sqlite }: EmbeddedDatabase) {
  const columns = "SELECT name, holder, token, expires_at AS expiresAt FROM leases";
  return {
    get: sqlite.prepare<[string], Lease>(`${columns} WHERE name = ?`),
    unended: sqlite.prepare<[], Lease>(`${columns} WHERE expires_at > ${ENDED}`),
    put: sqlite.prepare(`
      INSERT INTO leases (name, holder, token, expires_at) VALUES (?, ?, ?, ?)
      ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, token = excluded.token, expires_at = excluded.expires_at`),
    expire: sqlite.prepare("UPDATE leases SET expires_at = ? WHERE name = ? AND token = ?"),
  };
}
