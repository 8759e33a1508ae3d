import type { Lease } from "../lease.ts";

/** Names that one holder has at a time. Tokens of a name only grow; what was seen to have ended never comes back. */
export interface LeaseStore {
  /**
   * `held`: it is the holder's (its own is renewed and keeps its token). `taken`: another has it; nothing changes.
   * `enoughMs`: the holder's own is left as it is, and nothing written, while it has so long to go.
   */
  take(
    name: string,
    holder: string,
    ttlMs: number,
    enoughMs?: number,
  ): Promise<{ kind: "held" | "taken"; lease: Lease }>;
  /** Throws SelfhealError `fenced` when it ended meanwhile, or a newer token was given. `enoughMs`: as of `take`. */
  renew(name: string, token: number, ttlMs: number, enoughMs?: number): Promise<Lease>;
  /** Does nothing when it is not the newest token. */
  release(name: string, token: number): Promise<void>;
  /** The lease that holds now; null when there is none. */
  get(name: string): Promise<Lease | null>;
  /** Ends the leases of holders that are gone, whatever time they had left. Returns their names. */
  endOf(gone: (holder: string) => boolean): Promise<string[]>;
}
