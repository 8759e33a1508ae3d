import type { Lease } from "../lease.ts";

/**
 * Leases: each name has at most one holder at a time. The tokens of a name only grow. A lease that was seen as ended
 * never becomes valid again, even if the clock goes back.
 * @example
 * const { kind, lease } = await leases.take(ticketLease(id), holder, 60_000);
 * if (kind === "held") await leases.renew(lease.name, lease.token, 60_000);
 */
export interface LeaseStore {
  /**
   * Takes the lease, or renews it if the caller is its holder; it then keeps its token. `held`: the caller is the
   * holder. `taken`: `lease` is that of another holder, and nothing changes. `enoughMs`: a lease of the caller that
   * lasts at least this long is not renewed, which saves the write.
   */
  take(
    name: string,
    holder: string,
    ttlMs: number,
    enoughMs?: number,
  ): Promise<{ kind: "held" | "taken"; lease: Lease }>;
  /**
   * Extends the lease to `ttlMs` from now. Throws SelfhealError `fenced` when the lease has ended or a newer token was
   * given. `enoughMs`: see `take`.
   */
  renew(name: string, token: number, ttlMs: number, enoughMs?: number): Promise<Lease>;
  /** Ends the lease. Does nothing when the token is not the newest. */
  release(name: string, token: number): Promise<void>;
  /** The current lease; null when there is none. */
  get(name: string): Promise<Lease | null>;
  /**
   * Ends the leases of all holders for which `gone` is true, whatever time they had left. Returns the names of these
   * leases.
   */
  endOf(gone: (holder: string) => boolean): Promise<string[]>;
}
